/// The one-shot and low-level calls skip the provider look-up that costs 0.5 us a call in OpenSSL 3;
/// they are marked deprecated there, not slower or weaker.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
