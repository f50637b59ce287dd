#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// True where `bytes` is well-formed UTF-8.
int quipu_utf8_is_valid(const uint8_t *bytes, size_t count);

/// One parser and its memory; not to be shared between threads.
typedef struct quipu_json_parser quipu_json_parser;

quipu_json_parser *quipu_json_parser_create(void);
void quipu_json_parser_free(quipu_json_parser *parser);

/// Parses one JSON text and leaves it on simdjson's tape, which stays valid until the next call.
/// Copies the input, so it needs no padding. Returns 0, or simdjson's error code.
int quipu_json_parse(quipu_json_parser *parser, const uint8_t *bytes, size_t count);

/// The tape of the last parse: 64-bit words, and the string buffer they point into.
const uint64_t *quipu_json_tape(const quipu_json_parser *parser);
const uint8_t *quipu_json_strings(const quipu_json_parser *parser);

/// What an error code means, such as "The string is badly formatted".
const char *quipu_json_error(int code);

#ifdef __cplusplus
}
#endif
