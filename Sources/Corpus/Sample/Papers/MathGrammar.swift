/// Papers: sentences of mathematics and the formulas in them, in LaTeX with the paper's own macros.
let mathGrammar = Grammar(
  #"""
  = s
  Let `object` be `a` `adj` `thing` over `ring`, and let `map` be `a` `adj` `arrow`.
  It follows from `reference` that `statement`.
  We say that `a` `thing` is `adj` if `statement`.
  By `reference`, the `thing` $`sym`$ is `adj` whenever `statement`.
  Assume that `statement`; then `statement` as well.
  Hence `statement`, which proves the claim for `adj` `thing`s.
  The `method` of `author` shows that `statement`.
  Note that `statement` does not imply that `statement`.
  For every `adj` `thing` there is `a` `adj` `arrow` such that `statement`.
  Our numerical results agree with this up to an error of $10^{-`digit`}$.
  This was first observed by `author`, who assumed that `statement`.
  In other words, the `thing` is `adj` if and only if the `arrow` is `adj`.
  To see this, `verb` both sides of `equation_ref` and `verb` the result.
  The constant $`greek`$ depends on the `thing` only, not on the `arrow`.
  There are at most $`sym`^{`digit`}$ such `thing`s, and at least $`digit` `sym`$ of them are `adj`.
  We shall `verb` the `thing` and keep the `arrow` fixed throughout.
  = object
  $`sym`$
  $(`sym`, `sym`)$
  $\mathcal{`cap`}$
  = ring
  $\R$
  $\mathbb{C}$
  $\Z/`digit`\Z$
  the field $\mathbb{F}_{`digit`}$
  = map
  $f\colon `cap` \\to `cap`$
  $\varphi$
  $g_{`sym`}$
  = statement
  $`relation`$
  $`relation`$ and $`relation`$
  the `thing` $`sym`$ is `adj`
  $`sym`$ tends to $`greek`$ as $`sym` \\to \infty$
  the `arrow` $`sym`$ is `adj` on $`cap`$
  = relation
  `term` = `term`
  `term` \leq `term`
  `term` < `greek`
  \\norm{`sym` - `sym`} \leq `greek`
  `sym` \in `cap`
  = term
  `sym`
  `sym`_{`digit`}
  `sym`^{`digit`} + `sym`
  \frac{`sym`}{`greek`}
  `greek` `sym`
  \sqrt{`sym` + `digit`}
  f(`sym`)
  `digit` `sym`
  = display
  \begin{equation}\n  `long` = `long`.\n\end{equation}\n
  \begin{equation*}\n  \\norm{`term`}^2 \leq `long`.\n\end{equation*}\n
  \[\n  `long` \geq `term`\n\]\n
  \begin{align}\n  `long` &= `term` + `long` \\\\\n  &\leq `long`.\n\end{align}\n
  = long
  \sum_{`sym` = 1}^{n} `term`
  \int_{0}^{`greek`} `term` \, d`sym`
  `term` + `term` - \frac{`term`}{`term`}
  \E[ `sym` ] + `term`
  \prod_{`sym` \in `cap`} \left( 1 - `term` \right)
  = reference
  Lemma~\ref{lemma:`label`}
  Theorem~\ref{theorem:`label`}
  the work of `author`~\cite{`label``digit`}
  the definition
  = equation_ref
  the equation
  the inequality above
  = method
  method
  argument
  algorithm
  = author
  `stem``tail`
  = theorem
  Every `adj` `thing` is `adj`.
  Let $`relation`$. Then $`relation`$.
  `a` `adj` `thing` over `ring` has `a` `adj` `arrow` if and only if $`relation`$.
  = title
  On `adj` `thing`s and their `arrow`s
  The `method` of `author` for `adj` `thing`s
  `Adj` `arrow`s of `adj` `thing`s
  = label
  `stem``digit`
  : stem
  Ash Black Cald Dun Hart Kel Marsh Pen Thorn Whit Wood Brad Lang
  : tail
  ford field well ley ton man worth wick bury er
  : adj
  smooth finite compact convex bounded measurable linear abelian separable harmonic unitary sparse
  : Adj
  Smooth Finite Compact Convex Bounded Linear Harmonic
  : thing
  group manifold graph operator lattice module sequence space kernel matrix_algebra polynomial tree
  : arrow
  map homomorphism embedding projection extension functional colouring flow
  : verb
  integrate differentiate bound normalise expand project
  : sym
  x y z u v n m k p t
  : cap
  A B G H K M X V
  : greek
  \alpha \beta \gamma \delta \varepsilon \lambda \mu \pi \sigma
  : digit
  2 3 4 5 6 7 8 9
  """#)
