#!/usr/bin/env bash
# Builds programs that need no library but glibc's, for a machine that has nothing else: stripped, checked,
# and tried in a root folder with glibc alone. They stay dynamic against glibc, for they open NVIDIA's libraries.
#   Scripts/static.sh [PRODUCT...]    quipu and gpu-check by default
# They lie in .build/static; NAME.gz is the same, to be carried. The first time takes as long as a whole build.
set -euo pipefail
cd "$(dirname "$0")/.."
products=("$@")
((${#products[@]} > 0)) || products=(quipu gpu-check)

Scripts/packages.sh liblzma-dev liblz4-dev nettle-dev
# A scratch folder of its own: every object of an ordinary build would be compiled again, and then again for that.
scratch=.build/static-scratch
folder=$(realpath -m .build/static) archives=$(realpath -m $scratch/archives)
rm -rf "$archives"
mkdir -p "$folder" "$archives"

# The archive of a library, if there is one.
archive() {
  local path
  path=$(g++ -print-file-name="lib$1.a")
  [[ $path == /* ]] && realpath "$path"
}

# No package of Debian has simdjson's archive: it is made from the source of the same version.
simdjson() {
  local version origin key source options
  version=$(dpkg-query -W -f '${Version}' libsimdjson-dev)
  origin=$(apt-cache policy libsimdjson-dev \
    | awk '/^ \*\*\*/ { here = 1; next } here && $2 ~ /:\/\// { sub("/", " ", $3); print $2, $3; exit }')
  [[ -n $origin ]] || {
    echo "error: the package lists have no libsimdjson-dev $version; apt-get install libsimdjson-dev" >&2
    return 1
  }
  for key in /usr/share/keyrings/{debian,ubuntu}-archive-keyring.{gpg,pgp}; do
    [[ ! -e $key ]] || origin="[signed-by=$key] $origin"
  done
  source=$(mktemp -d)
  mkdir -p "$source"/{lists,cache}/partial
  echo "deb-src $origin" >"$source/sources.list"
  options=(-qq -o "Dir::Etc::SourceList=$source/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$source/lists" -o "Dir::Cache=$source/cache" -o "APT::Sandbox::User=$(id -un)")
  apt-get "${options[@]}" update
  (cd "$source" && apt-get "${options[@]}" --download-only source "simdjson=$version")
  tar -x -f "$source"/simdjson_*.orig.tar.* -C "$source"
  g++ -std=c++17 -O2 -DNDEBUG -fPIC -ffunction-sections -fdata-sections -I "$source"/simdjson-*/include \
    -I "$source"/simdjson-*/src -c "$source"/simdjson-*/src/simdjson.cpp -o "$source/simdjson.o"
  ar rcs "$archives/libsimdjson-only.a" "$source/simdjson.o"
  rm -rf "$source"
}

# All archives form one group, for they need each other; whichever the link asks for brings the group.
packages=(zlib libdeflate libzstd libarchive libxxhash libcrypto libxml-2.0 sqlite3)
names=$(pkg-config --static --libs-only-l "${packages[@]}" | tr ' ' '\n' | sed -n 's/^-l//p' \
  | grep -Ev '^(c|m|dl|rt|pthread|util|gcc_s|icu.*)$' | LC_ALL=C sort -u)
found=()
for name in bz2 stdc++ $names; do
  if path=$(archive "$name"); then
    found+=("$path")
    ln -sf "$path" "$archives/lib$name.a"
  fi
done
simdjson
converter=$(nm "$(archive xml2)" | sed -n 's/^ *U ucnv_open\(_[0-9]*\)$/\1/p' | head -n 1)
gcc -O2 -fPIC -ffunction-sections ${converter:+"-DUCNV(name)=name##$converter"} \
  -c Scripts/static-glue.c -o "$archives/glue.o"
ar rcs "$archives/libglue.a" "$archives/glue.o"
group="GROUP ( ${found[*]} $archives/libsimdjson-only.a $archives/libglue.a )"
for name in archive xml2 simdjson; do
  rm -f "$archives/lib$name.a"
  echo "$group" >"$archives/lib$name.a"
done
ln -s "$(archive gcc_eh)" "$archives/libgcc_s.a"
for package in "${packages[@]}"; do
  sed "s#^libdir=.*#libdir=$archives#" \
    "$(pkg-config --variable=pcfiledir "$package")/$package.pc" >"$archives/$package.pc"
done

for product in "${products[@]}"; do
  built=$(swift build -c release --scratch-path $scratch --show-bin-path)/$product
  rm -f "$built" # or an archive that changed would be no reason to link again
  swift build -c release --scratch-path $scratch --static-swift-stdlib --pkg-config-path "$archives" \
    --product "$product"
  strip -o "$folder/$product" "$built"
  gzip -fk "$folder/$product"
  foreign=$(readelf -d "$folder/$product" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' \
    | sed -E '/^(ld-linux[-a-z0-9_]*|lib(c|m|dl|rt|pthread|util))\.so\.[0-9]+$/d' | tr '\n' ' ')
  [[ -z $foreign ]] || {
    echo "error: $product still needs $foreign" >&2
    exit 1
  }
  printf '%s: %s bytes, %s with gzip; needs %s\n' "$product" "$(stat -c %s "$folder/$product")" \
    "$(stat -c %s "$folder/$product.gz")" \
    "$(readelf -V "$folder/$product" | grep -o 'GLIBC_2[.0-9]*' | sort -uV | tail -n 1)"
done

# A root folder with glibc's files, its character sets among them, and the programs.
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root/proc" "$root/tmp"
for product in "${products[@]}"; do
  cp "$folder/$product" "$root/"
  for library in $(ldd "$folder/$product" | grep -o '/[^ ]*'); do
    mkdir -p "$root${library%/*}"
    cp -Ln "$library" "$root$library"
    [[ $library != */libc.so* ]] || sets=$(realpath "${library%/*}/gconv")
  done
done
mkdir -p "$root${sets%/*}"
cp -r "$sets" "$root$sets"

# In that root: no other file, and its own /proc, where a Swift program finds its arguments.
bare() {
  local user=()
  ((EUID == 0)) || user=(--map-root-user)
  # shellcheck disable=SC2016  # the inner shell expands these
  unshare --mount "${user[@]}" sh -c 'mount --rbind /proc "$0/proc" && exec chroot "$0" "$@"' "$root" "$@"
}

# Every library has its part in this: raw files are bzip2, gzip, 7z, tar and XML, documents zstd and JSON, the
# ledger is SQLite's. A second time outside the root, where all libraries are: the bytes must be the same.
try_quipu() {
  local outside=$root/outside digests
  cp -r Manifests "$root/"
  bare /quipu sample /inputs --size 2MB --quiet
  bare /quipu build /Manifests/sample.yaml --inputs /inputs --work /work --quiet
  bare /quipu verify /work
  bare /quipu train /Manifests/models/tiny.yaml --data /work/shards --output /run --steps 2
  bare /quipu tokenizer encode --model /work/tokenizer/tokenizer.model /Manifests/sample.yaml >"$root/ids"
  "$folder/quipu" build Manifests/sample.yaml --inputs "$root/inputs" --work "$outside/work" --quiet
  digests=$(cd "$outside" && find work/{documents,tokenizer,shards} -type f -exec sha256sum {} +)
  (cd "$root" && sha256sum --check --quiet) <<<"$digests"
  echo "quipu: $(wc -l <<<"$digests") files of a corpus are the same with glibc alone; two steps trained," \
    "$(wc -w <"$root/ids") tokens encoded"
}

for product in "${products[@]}"; do
  case $product in
    quipu) try_quipu ;;
    gpu-check) echo "gpu-check: $(bare /gpu-check | wc -l) checks; $(bare /gpu-check discover | tail -n 1)" ;;
    *) bare "/$product" --help >/dev/null ;;
  esac
done
