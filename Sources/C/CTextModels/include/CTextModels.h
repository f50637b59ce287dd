// The inner loops of the text models, where Swift cannot say them: one header a model family.
#pragma once
#include "fasttext.h"
#include "fasttext_training.h"
#include "ngram.h"
#include "ngram_training.h"
