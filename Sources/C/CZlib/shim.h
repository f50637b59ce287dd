#include <zlib.h>

/// `inflateInit2` is a macro, which Swift cannot import. 47 = 32 KiB window, gzip or zlib header.
static inline int quipu_inflate_init(z_stream *stream) { return inflateInit2(stream, 47); }
