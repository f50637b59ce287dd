public import Documents
public import Ground

/// A fate of one raw record, after its source and the judge have spoken.
public enum Fate: Sendable {
  case kept(Document, Signals)
  case dropped(Document, Signals, reason: String)
  case bad(Fault)
}

extension DocumentSource {
  /// Reads a unit and judges each document; hands every record's fate to `accept` and counts it.
  ///
  /// A file that turns out to be damaged half way is a bad record at that place: what came before
  /// it stays. A file of which nothing can be read fails.
  public func read(
    _ unit: Unit, judge: Judge, to accept: (Fate) throws -> Void
  ) throws -> Tally {
    var tally = Tally()
    var signals = Signals()
    do {
      try read(unit) { record in
        switch record {
        case .document(var document):
          if let rule = judge.judge(&document, noting: &signals) {
            tally.drop(rule.reason)
            try accept(.dropped(document, signals, reason: rule.reason))
          } else {
            tally.keep(bytes: document.text.count)
            try accept(.kept(document, signals))
          }
        case .dropped(let document, let reason):
          tally.drop(reason)
          try accept(.dropped(document, Signals(), reason: reason))
        case .bad(let fault):
          tally.fail(fault)
          try accept(.bad(fault))
        }
      }
    } catch let fault as Fault where fault.isDamage && tally.records > 0 {
      tally.fail(fault)
      try accept(.bad(fault))
    }
    return tally
  }
}
