/// Lines that all pages of a site share.
struct Boilerplate {
  let site: String

  var navigation: [String] {
    ["Skip to content", "Home", "Latest", "Archive", "About \(site)", "Sign in", "Search \(site)"]
  }

  var footer: [String] {
    [
      "Share this page", "Subscribe to our newsletter", "More from \(site)",
      "© 2023 \(site). All rights reserved.", "Privacy policy | Terms of use | Contact",
      "This site uses cookies to remember what you like.",
    ]
  }
}
