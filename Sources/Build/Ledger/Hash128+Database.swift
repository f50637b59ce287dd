import Foundation
import GRDB
import Ground

/// A hash as SQLite stores it: sixteen bytes, most significant first, so that byte order is order.
struct StoredHash: DatabaseValueConvertible {
  let hash: Hash128

  var databaseValue: DatabaseValue {
    let bytes = [hash.high, hash.low].flatMap { word in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
    }
    return Data(bytes).databaseValue
  }

  static func fromDatabaseValue(_ value: DatabaseValue) -> StoredHash? {
    guard let bytes = Data.fromDatabaseValue(value), bytes.count == 16 else { return nil }
    let words = [bytes.prefix(8), bytes.suffix(8)].map { half in
      half.reduce(0) { $0 << 8 | UInt64($1) }
    }
    return StoredHash(hash: Hash128(high: words[0], low: words[1]))
  }
}

extension Hash128 {
  var blob: StoredHash { StoredHash(hash: self) }

  init(blob: StoredHash) { self = blob.hash }
}
