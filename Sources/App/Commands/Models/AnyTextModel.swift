import Ground
import TextModels

/// A text model of any kind, told apart by how its file begins.
enum AnyTextModel {
  case classifier(FastTextModel)
  case language(NGramModel)

  init(path: String) throws(Fault) {
    // fastText's magic number, 793712314, and its versions come before anything else.
    if try firstBytes(of: path, count: 4) == [0xba, 0x16, 0x4f, 0x2f] {
      self = .classifier(try FastTextModel(path: path))
    } else {
      self = .language(try NGramModel(path: path))
    }
  }
}
