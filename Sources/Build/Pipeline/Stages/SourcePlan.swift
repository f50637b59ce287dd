public import Documents
public import Manifest

/// One source of a corpus, ready to run: the manifest's wishes turned into code by the caller.
public struct SourcePlan: Sendable {
  public var recipe: SourceRecipe
  public var source: any DocumentSource
  public var judge: Judge
  /// Files that the judge was made from, such as a list of words; units are named by their bytes.
  public var materials: [String]

  public init(
    recipe: SourceRecipe, source: any DocumentSource, judge: Judge, materials: [String] = []
  ) {
    self.recipe = recipe
    self.source = source
    self.judge = judge
    self.materials = materials
  }

  public var name: String { recipe.name }
}
