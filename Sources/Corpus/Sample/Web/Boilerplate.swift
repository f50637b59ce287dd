/// Lines that all pages of a site share.
///
/// So few that a page without text of its own stays below fifty words, and with no more than one of
/// Gopher's stop words, so that a foreign page stays foreign.
struct Boilerplate {
  let site: String

  var navigation: [String] {
    ["Menu", "Home", "Latest", "Archive", "About \(site)", "Sign in"]
  }

  var footer: [String] {
    [
      "Share this page", "More from \(site)", "© 2023 \(site). All rights reserved.",
      "Privacy policy | Terms of use | Contact",
    ]
  }
}
