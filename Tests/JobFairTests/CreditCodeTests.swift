// The check character of a unified social credit code.

import JobFair
import Testing

struct CreditCodeTests {
    /// The first is the example of GB 32100-2015, the others are invented.
    @Test(arguments: ["91350100M000100Y43", "91990121MA9006010Y", "93990121MA9006424W", "12990121MA9006483B"])
    func aRightCodePasses(code: String) {
        #expect(CreditCode.isValid(code))
    }

    @Test(arguments: [
        "", "91350100M000100Y44", "91350100M000100Y4", "91350100M000100Y430", "91350100m000100y43",
        "91350100M00O100Y43", "19350100M000100Y43", "9.19901E+17", "９1350100M000100Y43", "91350100M000100Y43 ",
    ])
    func anythingElseDoesNot(code: String) {
        #expect(!CreditCode.isValid(code))
    }

    @Test func everyChangedCharacterIsNoticed() {
        let code = Array("91990121MA9006010Y")
        for place in code.indices {
            var changed = code
            changed[place] = code[place] == "7" ? "8" : "7"
            #expect(!CreditCode.isValid(String(changed)), "\(String(changed))")
        }
    }
}
