#include "include/CSimdjson.h"

#include <simdjson.h>

// No C++ exception may cross into Swift: every call here is simdjson's error-code form, and memory
// exhaustion is caught.

struct quipu_json_parser {
  simdjson::dom::parser parser;
};

int quipu_utf8_is_valid(const uint8_t *bytes, size_t count) {
  return simdjson::validate_utf8(reinterpret_cast<const char *>(bytes), count);
}

quipu_json_parser *quipu_json_parser_create(void) {
  try {
    return new quipu_json_parser;
  } catch (...) {
    return nullptr;
  }
}

void quipu_json_parser_free(quipu_json_parser *parser) { delete parser; }

int quipu_json_parse(quipu_json_parser *parser, const uint8_t *bytes, size_t count) {
  try {
    return parser->parser.parse(bytes, count, true).error();
  } catch (...) {
    return simdjson::MEMALLOC;
  }
}

const uint64_t *quipu_json_tape(const quipu_json_parser *parser) {
  return parser->parser.doc.tape.get();
}

const uint8_t *quipu_json_strings(const quipu_json_parser *parser) {
  return parser->parser.doc.string_buf.get();
}

const char *quipu_json_error(int code) {
  return simdjson::error_message(static_cast<simdjson::error_code>(code));
}
