#!/usr/bin/perl
# Writes Sources/Tokens/Tokenizer/Training/ScriptTable.swift: the Unicode script of every scalar, as
# SentencePiece 0.2.3 knows it. Its table is that of Unicode 9.0; what later versions added counts
# as Common. Run: perl Scripts/script-table.pl > Sources/Tokens/Tokenizer/Training/ScriptTable.swift
use strict;
use warnings;
use Unicode::UCD qw(prop_invmap);

my $version = 9.0;

# Scalars whose script was changed after Unicode 9.0 (UAX 24, modifications).
my %then = (
  0x0589 => "Common",  0x061C => "Common",
  0x0953 => "Devanagari", 0x0954 => "Devanagari",
);

sub each_scalar {
  my ($property, $body) = @_;
  my ($starts, $values) = prop_invmap($property);
  for my $i (0 .. $#$starts) {
    my $end = $i < $#$starts ? $starts->[$i + 1] : 0x110000;
    $body->($_, $values->[$i]) for $starts->[$i] .. $end - 1;
  }
}

my (@script, @age);
each_scalar("Script", sub { $script[$_[0]] = $_[1] });
each_scalar("Age", sub { $age[$_[0]] = $_[1] });

my %number = (Common => 0, Inherited => 1, Han => 2, Hiragana => 3, Katakana => 4);
my @names = sort { $number{$a} <=> $number{$b} } keys %number;
my @rows;
my $last = -1;
for my $scalar (0 .. 0x10FFFF) {
  my $is_known = $age[$scalar] =~ /^[0-9.]+$/ && $age[$scalar] <= $version;
  my $name = $then{$scalar} // ($is_known ? $script[$scalar] : "Common");
  $name = "Common" if $name eq "Unknown";
  if (!exists $number{$name}) {
    $number{$name} = @names;
    push @names, $name;
  }
  next if $number{$name} == $last;
  $last = $number{$name};
  push @rows, sprintf("0x%X", $scalar << 8 | $last);
}

sub lines {
  my ($indent, @items) = @_;
  my @lines = ($indent);
  for (@items) {
    push @lines, $indent if length($lines[-1]) + length($_) + 2 > 98;
    $lines[-1] .= ($lines[-1] eq $indent ? "" : " ") . "$_,";
  }
  return join("\n", @lines);
}

my $name_lines = lines("    ", map { qq("$_") } @names);
my $row_lines = lines("    ", @rows);
print <<"END";
// Written by Scripts/script-table.pl; do not edit.

/// The scripts of Unicode 9.0 as SentencePiece 0.2.3 tells them apart.
enum ScriptTable {
  /// The number of a script is its place here.
  // swift-format-ignore
  static let names: [String] = [
$name_lines
  ]

  /// Where a script begins: the scalar times 256 plus the script's number, ascending.
  // swift-format-ignore
  static let starts: [UInt32] = [
$row_lines
  ]
}
END
