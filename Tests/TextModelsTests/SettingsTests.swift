import Testing
import TextModels

@Suite struct SettingsTests {
  @Test func defaultsAreThoseOfTheProgram() {
    let settings = FastTextSettings()
    #expect(settings.dim == 100 && settings.epoch == 5 && settings.bucket == 2_000_000)
    #expect(settings.loss.name == "softmax" && settings.kind == .supervised)
  }
}
