#include <libxml/xmlversion.h>
// ICU's headers would come along with <libxml/encoding.h>, and they clash with Foundation's.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
