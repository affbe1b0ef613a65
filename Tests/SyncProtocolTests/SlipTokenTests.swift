// The token on the slip, and the code a technician types.

import Foundation
import SyncProtocol
import Testing

@Suite struct SlipTokenTests {
    private let key = Data(repeating: 7, count: 32)

    private func token(_ number: Int = 4711) -> SlipToken {
        SlipToken.make(purpose: 1, fairKeyNumber: number, recordID: Samples.recordID, tokenKey: key)
    }

    @Test("30 bytes, 48 characters, the same back")
    func roundTrip() throws {
        for number in [1, 4711, SlipToken.fairKeyNumberMax] {
            for purpose in [1, 2] {
                let made = SlipToken.make(
                    purpose: purpose, fairKeyNumber: number, recordID: Samples.recordID, tokenKey: key)
                #expect(made.bytes.count == 30)
                #expect(made.text.count == SlipToken.textLength)
                let read = try SlipToken(made.text)
                #expect(read == made)
                #expect(read.purpose == purpose)
                #expect(read.fairKeyNumber == number)
                #expect(read.recordID == Samples.recordID)
                #expect(read.isAuthentic(tokenKey: key))
                #expect(!read.isAuthentic(tokenKey: Data(count: 32)))
            }
        }
    }

    @Test("an address with a host of 24 characters is one alphanumeric segment and is read back")
    func addressOf24Characters() throws {
        let host = "zhaopin.gz.example.gov.c"
        #expect(host.count == 24)
        let address = token().address(form: "https://\(host)")
        #expect(address.count == 8 + 24 + 3 + 48)
        let alphanumeric = Set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
        #expect(address.allSatisfy(alphanumeric.contains))
        #expect(try SlipToken(address) == token())
        #expect(try SlipToken(address.lowercased()) == token())
    }

    @Test("what a scanner or a person types", arguments: ["\r\n", " ", "\t"])
    func typed(ending: String) throws {
        #expect(try SlipToken(token().text.lowercased() + ending) == token())
        #expect(try SlipToken(token().address(form: "http://127.0.0.1:7280/") + ending) == token())
        #expect(try SlipToken("HTTPS://A.CN/i/" + token().text) == token())
    }

    @Test("what is not a token")
    func refused() {
        let text = token().text
        for wrong in [
            "", "A", String(text.dropLast()), text + "A", "HTTPS://A.CN/X/\(text)", "HTTPS://A.CN/I/\(text)/",
            "HTTPS://A.CN/I/", "6901234567892", String(repeating: "A", count: 48), text.replacing("A", with: "1") + "!",
            String(repeating: "1", count: 48), String(repeating: "A", count: 600),
        ] {
            #expect(code { try SlipToken(wrong) } == .tokenInvalid, "\(wrong.count) characters")
        }
    }

    @Test("every changed character is refused or not authentic")
    func changed() throws {
        let characters = Array(token().text)
        for index in characters.indices {
            var changed = characters
            changed[index] = changed[index] == "A" ? "B" : "A"
            let read = try? SlipToken(String(changed))
            #expect(read?.isAuthentic(tokenKey: key) != true, "character \(index)")
        }
    }

    @Test("each fair has its own key")
    func tokenKeys() throws {
        let master = try TokenMaster(rawRepresentation: Samples.master)
        #expect(master.tokenKey(fairID: Samples.fairID) == master.tokenKey(fairID: Samples.fairID))
        #expect(master.tokenKey(fairID: Samples.fairID) != master.tokenKey(fairID: Samples.recordID))
        #expect(code { try TokenMaster(rawRepresentation: Data(count: 31)) } == .keyInvalid)
    }

    @Test("an enrolment code as people type it")
    func enrolmentCode() throws {
        let made = EnrolmentCode(random: Data([0, 255, 3, 200, 77]), rootPublicKey: Samples.root)
        #expect(made.text.count == 23)
        #expect(made.characters.count == 20)
        let typed = made.text.lowercased().replacing("-", with: " ").replacing("o", with: "0").replacing("i", with: "1")
        #expect(try EnrolmentCode(typed) == made)
        #expect(try EnrolmentCode(made.characters) == made)
        #expect(made.matches(rootPublicKey: Samples.root))
        #expect(!made.matches(rootPublicKey: Samples.device))
        for wrong in ["", "ABCDE", made.text + "A", String(made.text.dropLast()), made.text.dropLast() + "9"] {
            #expect(code { try EnrolmentCode(wrong) } == .codeInvalid)
        }
    }

    @Test("Base32: vectors of RFC 4648, section 10")
    func base32() {
        for (plain, text) in [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            #expect(Base32.encode(Data(plain.utf8)) == text)
            #expect(Base32.decode(text) == Data(plain.utf8))
            #expect(Base32.decode(text.lowercased()) == Data(plain.utf8))
        }
        for wrong in ["M", "MZ=", "MZ", "MZXW6Y", "A1", "ＭＹ"] { #expect(Base32.decode(wrong) == nil, "\(wrong)") }
    }
}
