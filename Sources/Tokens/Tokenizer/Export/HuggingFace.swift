/// The model as a `tokenizer.json`, which the Hugging Face libraries read.
///
/// Ids are the same as ours, but for text that spells a control piece such as `</s>`: there the
/// libraries give the id of that piece, and SentencePiece never does.
///
/// - SeeAlso: huggingface/transformers `convert_slow_tokenizer.py`, `LlamaConverter`.
public func tokenizerJSON(of model: TokenizerModel) -> [UInt8] {
  let hasPrefix = model.normalizer.addDummyPrefix
  let unknown = model.pieces.first { $0.kind == .unknown }
  let space = #""pattern": {"String": " "}, "content": "▁""#
  let mark = #""pattern": {"String": "▁"}, "content": " ""#
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
  json.raw("\n  ],\n  \"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [")
  if hasPrefix { json.raw(#"{"type": "Prepend", "prepend": "▁"}, "#) }
  json.raw("{\"type\": \"Replace\", \(space)}]},\n  \"pre_tokenizer\": null,\n")
  json.raw("  \"post_processor\": ")
  json.template(model)
  json.raw(",\n  \"decoder\": {\"type\": \"Sequence\", \"decoders\": [")
  json.raw("{\"type\": \"Replace\", \(mark)}, {\"type\": \"ByteFallback\"}, {\"type\": \"Fuse\"}")
  if hasPrefix { json.raw(#", {"type": "Strip", "content": " ", "start": 1, "stop": 0}"#) }
  json.raw(
    "]},\n  \"model\": {\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": ")
  if let unknown { json.string(unknown.bytes) } else { json.raw("null") }
  json.raw(",\n    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": null,\n")
  json.raw("    \"fuse_unk\": true,\n    \"byte_fallback\": \(model.trainer.byteFallback),\n")
  json.raw("    \"ignore_merges\": false,\n    \"vocab\": {")
  json.list(model.pieces.enumerated(), indent: "\n      ") { json, entry in
    json.string(entry.element.bytes)
    json.raw(": \(entry.offset)")
  }
  json.raw("\n    },\n    \"merges\": [")
  json.list(merges(of: model), indent: "\n      ") { json, merge in
    json.raw("[")
    json.string(model.pieces[merge.left].bytes)
    json.raw(", ")
    json.string(model.pieces[merge.right].bytes)
    json.raw("]")
  }
  json.raw("\n    ]\n  }\n}\n")
  return json.bytes
}

/// The `tokenizer_config.json` that goes with it.
///
/// `contextLength` is how many tokens the model was trained to see.
public func tokenizerConfigJSON(of model: TokenizerModel, contextLength: Int = 2048) -> [UInt8] {
  func piece(_ id: Int) -> [UInt8]? {
    model.pieces.indices.contains(id) ? model.pieces[id].bytes : nil
  }
  let names = [
    ("bos_token", piece(model.trainer.beginID)), ("eos_token", piece(model.trainer.endID)),
    ("pad_token", piece(model.trainer.padID)), ("unk_token", piece(model.trainer.unknownID)),
  ]
  var json = JSONText()
  json.raw("{\n  \"add_bos_token\": \(names[0].1 != nil),\n  \"add_eos_token\": false,\n")
  json.raw("  \"add_prefix_space\": \(model.normalizer.addDummyPrefix),\n")
  for (key, name) in names {
    json.raw("  \"\(key)\": ")
    if let name { json.string(name) } else { json.raw("null") }
    json.raw(",\n")
  }
  json.raw("  \"clean_up_tokenization_spaces\": false,\n  \"legacy\": true,\n")
  json.raw("  \"model_max_length\": \(contextLength),\n  \"sp_model_kwargs\": {},\n")
  json.raw("  \"tokenizer_class\": \"PreTrainedTokenizerFast\"\n}\n")
  return json.bytes
}

/// Every way to put a piece together from two pieces, by ids, best score first.
///
/// - Complexity: O(total length of the pieces), each at most 16 characters in practice.
public func merges(of model: TokenizerModel) -> [(left: Int, right: Int, piece: Int)] {
  var names = ByteStrings(minimumCapacity: model.pieces.count)
  for piece in model.pieces { _ = names.insert(piece.bytes.span) }
  guard names.count == model.pieces.count else { return [] }  // a name is there twice
  var merges: [(left: Int, right: Int, piece: Int)] = []
  for (id, piece) in model.pieces.enumerated() where piece.isMergeable {
    let text = piece.bytes.span
    var splits: [(left: Int, right: Int, piece: Int)] = []
    var place = decodeScalar(text, at: 0).length
    while place < text.count {
      if let left = names.find(text.extracting(0..<place)), model.pieces[left].isMergeable,
        let right = names.find(text.extracting(place..<text.count)),
        model.pieces[right].isMergeable
      {
        splits.append((left, right, id))
      }
      place += decodeScalar(text, at: place).length
    }
    merges += splits.sorted { ($0.left, $0.right) < ($1.left, $1.right) }
  }
  return merges.enumerated().sorted { one, two in
    let scores = (model.pieces[one.element.piece].score, model.pieces[two.element.piece].score)
    return scores.0 != scores.1 ? scores.0 > scores.1 : one.offset < two.offset
  }.map(\.element)
}
