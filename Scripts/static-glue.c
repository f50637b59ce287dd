// What Scripts/static.sh links beside the archives.

#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>

// glibc has these since 2.36 only; libarchive and libstdc++ ask for them where they were built on it.
// Without them the program starts on 2.35 as well, Ubuntu 22.04's.

void arc4random_buf(void *bytes, size_t count) {
  unsigned char *place = bytes;
  while (count > 0) {
    ssize_t filled = getrandom(place, count, 0);
    if (filled < 0) continue;  // a signal came between
    place += filled;
    count -= (size_t)filled;
  }
}

uint32_t arc4random(void) {
  uint32_t number;
  arc4random_buf(&number, sizeof number);
  return number;
}

// libxml2 asks ICU for a converter where glibc's iconv has none for a character set. ICU's tables are 31 MB;
// the answer here is that there is none, and such a document is refused as it is by a libxml2 without ICU.
// UCNV(NAME) is NAME with ICU's version behind it.
#ifdef UCNV
enum { FILE_ACCESS_ERROR = 4 };  // U_FILE_ACCESS_ERROR

void *UCNV(ucnv_open)(const char *name, int *error) {
  (void)name;
  *error = FILE_ACCESS_ERROR;
  return NULL;
}

// Without a converter nobody gets here.
void UCNV(ucnv_close)(void) { __builtin_trap(); }
void UCNV(ucnv_convertEx)(void) { __builtin_trap(); }
void UCNV(ucnv_setFromUCallBack)(void) { __builtin_trap(); }
void UCNV(ucnv_setToUCallBack)(void) { __builtin_trap(); }
void UCNV(UCNV_FROM_U_CALLBACK_STOP)(void) { __builtin_trap(); }
void UCNV(UCNV_TO_U_CALLBACK_STOP)(void) { __builtin_trap(); }
#endif
