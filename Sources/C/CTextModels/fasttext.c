// Loops of fastText that stay in C: see the header.
#include "fasttext.h"
