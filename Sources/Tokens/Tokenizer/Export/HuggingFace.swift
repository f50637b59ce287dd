public import Ground

/// The model as a `tokenizer.json`, which the Hugging Face libraries read.
///
/// Ids are the same as ours, with these exceptions, which lie in those libraries. Text that spells a
/// control or user-defined piece is cut out first, and what follows it is taken for the beginning of
/// a text. Text that spells a byte piece is that piece in unigram models, whose sums have 64 bits.
/// Unused pieces are used. A map of rules is applied to what a reader takes for one character, not to
/// the longest string that a rule has.
///
/// - Throws: `Fault` for models of words or characters, which those libraries do not know.
/// - SeeAlso: huggingface/transformers `convert_slow_tokenizer.py`, `LlamaConverter`.
public func tokenizerJSON(
  of model: TokenizerModel, file: String = "tokenizer.model"
) throws(Fault) -> [UInt8] {
  let type = model.trainer.modelType
  guard type == .bpe || type == .unigram else {
    throw Fault(file, at: 0, .unusable("only BPE and unigram models have a tokenizer.json"))
  }
  var json = JSONText()
  json.raw("{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n")
  json.raw("  \"added_tokens\": [")
  json.list(
    model.pieces.enumerated().filter {
      $1.kind == .control || $1.kind == .unknown || $1.kind == .userDefined
    }, indent: "\n    "
  ) { json, entry in
    json.raw("{\"id\": \(entry.offset), \"content\": ")
    json.string(entry.element.bytes)
    json.raw(", \"single_word\": false, \"lstrip\": false, \"rstrip\": false")
    json.raw(", \"normalized\": false, \"special\": \(entry.element.kind != .userDefined)}")
  }
  json.raw("\n  ],\n")
  json.normalizer(model)
  json.raw("  \"pre_tokenizer\": null,\n  \"post_processor\": ")
  json.template(model)
  json.raw(",\n")
  json.decoder(model)
  if type == .bpe { json.bpe(model) } else { json.unigram(model) }
  json.raw("}\n")
  return json.bytes
}

extension JSONText {
  /// Appends what is done to text first.
  fileprivate mutating func normalizer(_ model: TokenizerModel) {
    let spec = model.normalizer
    let mark = spec.escapeWhitespaces ? "▁" : " "
    var steps: [String] = []
    func replace(_ pattern: String, _ content: String) -> String {
      "{\"type\": \"Replace\", \"pattern\": \(pattern), \"content\": \"\(content)\"}"
    }
    if !spec.precompiledCharsmap.isEmpty {
      let map = base64(spec.precompiledCharsmap)
      steps.append("{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"\(map)\"}")
    }
    if spec.removeExtraWhitespaces {
      steps.append(replace(#"{"Regex": "\\A +"}"#, ""))
      steps.append(replace(#"{"Regex": " {2,}"}"#, " "))
    }
    let isSuffix = model.trainer.treatWhitespaceAsSuffix
    if spec.addDummyPrefix && !isSuffix {
      steps.append("{\"type\": \"Prepend\", \"prepend\": \"\(mark)\"}")
    }
    if spec.escapeWhitespaces { steps.append(replace(#"{"String": " "}"#, "▁")) }
    if spec.removeExtraWhitespaces {
      steps.append(replace("{\"Regex\": \"\(mark)+\\\\z\"}", ""))
    }
    if spec.addDummyPrefix && isSuffix {
      steps.append(replace(#"{"Regex": "(?<=[\\s\\S])\\z"}"#, mark))
    }
    raw("  \"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [")
    list(steps, indent: "\n    ") { $0.raw($1) }
    raw("\n  ]},\n")
  }

  /// Appends how ids become text.
  fileprivate mutating func decoder(_ model: TokenizerModel) {
    let spec = model.normalizer
    raw("  \"decoder\": {\"type\": \"Sequence\", \"decoders\": [")
    raw(#"{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, "#)
    raw(#"{"type": "ByteFallback"}, {"type": "Fuse"}"#)
    if spec.addDummyPrefix || spec.removeExtraWhitespaces {
      raw(#", {"type": "Strip", "content": " ", "start": 1, "stop": 0}"#)
    }
    raw("]},\n")
  }

  fileprivate mutating func bpe(_ model: TokenizerModel) {
    raw("  \"model\": {\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": ")
    if let unknown = model.pieces.first(where: { $0.kind == .unknown }) {
      string(unknown.bytes)
    } else {
      raw("null")
    }
    raw(",\n    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": null,\n")
    raw("    \"fuse_unk\": true,\n    \"byte_fallback\": \(model.trainer.byteFallback),\n")
    raw("    \"ignore_merges\": false,\n    \"vocab\": {")
    list(model.pieces.enumerated(), indent: "\n      ") { json, entry in
      json.string(entry.element.bytes)
      json.raw(": \(entry.offset)")
    }
    raw("\n    },\n    \"merges\": [")
    list(merges(of: model), indent: "\n      ") { json, merge in
      json.raw("[")
      json.string(model.pieces[merge.left].bytes)
      json.raw(", ")
      json.string(model.pieces[merge.right].bytes)
      json.raw("]")
    }
    raw("\n    ]\n  }\n")
  }

  fileprivate mutating func unigram(_ model: TokenizerModel) {
    let unknown = model.pieces.firstIndex { $0.kind == .unknown }
    raw("  \"model\": {\n    \"type\": \"Unigram\",\n    \"unk_id\": ")
    raw(unknown.map(String.init) ?? "null")
    raw(",\n    \"byte_fallback\": \(model.trainer.byteFallback),\n    \"vocab\": [")
    list(model.pieces, indent: "\n      ") { json, piece in
      json.raw("[")
      json.string(piece.bytes)
      // As for us, a user-defined piece is better than what it could be cut into.
      let isSymbol = piece.kind == .userDefined
      json.raw(", \(isSymbol ? Float(0.1 * Double(piece.bytes.count - 1)) : piece.score)]")
    }
    raw("\n    ]\n  }\n")
  }
}

/// The `tokenizer_config.json` that goes with it.
///
/// `contextLength` is how many tokens the model was trained to see.
public func tokenizerConfigJSON(of model: TokenizerModel, contextLength: Int = 2048) -> [UInt8] {
  let names = specialNames(of: model)
  var json = JSONText()
  json.raw("{\n  \"add_bos_token\": \(names[0].piece != nil),\n  \"add_eos_token\": false,\n")
  json.raw("  \"add_prefix_space\": \(model.normalizer.addDummyPrefix),\n")
  for (key, piece) in names {
    json.raw("  \"\(key)\": ")
    if let piece { json.string(piece) } else { json.raw("null") }
    json.raw(",\n")
  }
  json.raw("  \"clean_up_tokenization_spaces\": false,\n  \"legacy\": true,\n")
  json.raw("  \"model_max_length\": \(contextLength),\n  \"sp_model_kwargs\": {},\n")
  json.raw("  \"tokenizer_class\": \"PreTrainedTokenizerFast\"\n}\n")
  return json.bytes
}

/// The `special_tokens_map.json` that goes with it: the control pieces that the model has, by name.
public func specialTokensMapJSON(of model: TokenizerModel) -> [UInt8] {
  var json = JSONText()
  json.raw("{")
  json.list(specialNames(of: model).filter { $0.piece != nil }, indent: "\n  ") { json, name in
    json.raw("\"\(name.key)\": {\"content\": ")
    json.string(name.piece ?? [])
    json.raw(", \"lstrip\": false, \"normalized\": false, \"rstrip\": false")
    json.raw(", \"single_word\": false}")
  }
  json.raw("\n}\n")
  return json.bytes
}

/// The names that the libraries have for control pieces, with the pieces that there are.
private func specialNames(of model: TokenizerModel) -> [(key: String, piece: [UInt8]?)] {
  func piece(_ id: Int) -> [UInt8]? {
    model.pieces.indices.contains(id) ? model.pieces[id].bytes : nil
  }
  return [
    ("bos_token", piece(model.trainer.beginID)), ("eos_token", piece(model.trainer.endID)),
    ("pad_token", piece(model.trainer.padID)), ("unk_token", piece(model.trainer.unknownID)),
  ]
}
