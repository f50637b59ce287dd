public import Documents
public import Manifest

/// One source of a corpus, ready to run: the manifest's wishes turned into code by the caller.
public struct SourcePlan: Sendable {
  public var recipe: SourceRecipe
  public var source: any DocumentSource
  public var judge: Judge

  public init(recipe: SourceRecipe, source: any DocumentSource, judge: Judge) {
    self.recipe = recipe
    self.source = source
    self.judge = judge
  }

  public var name: String { recipe.name }
}
