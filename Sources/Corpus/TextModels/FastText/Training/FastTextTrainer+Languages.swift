extension FastTextTrainer {
  /// Settings for telling languages apart, measured on 37 of them (`Scripts/language-identification.sh`).
  ///
  /// Characters decide, not words: n-grams of 1 to 4 characters, and a word has a row of its own only
  /// where it comes a thousand times. Single characters are what Chinese and Japanese are known by, which
  /// have no spaces: without them one document in ten of Chinese was wrong. Text is taken as it is;
  /// lower-casing gained nothing. Sixteen dimensions do: 32 were no better. The rate is high and epochs
  /// are many, as softmax at 0.1 and five epochs does not get past the rarest languages.
  public static var languages: FastTextTrainer {
    var trainer = FastTextTrainer()
    trainer.settings.dim = 16
    trainer.settings.minn = 1
    trainer.settings.maxn = 4
    trainer.settings.minCount = 1000
    trainer.settings.bucket = 500_000
    trainer.settings.epoch = 10
    trainer.lr = 0.5
    return trainer
  }
}
