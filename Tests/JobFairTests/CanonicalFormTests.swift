// The encoding behind a request's fingerprint: equal only for equal requests.

import JobFair
import Testing

@Suite struct CanonicalFormTests {
    @Test func noTwoFormsShareAnEncoding() {
        let forms = [
            RegistrationForm(),
            RegistrationForm(documentKind: ""),
            RegistrationForm(documentNumber: ""),
            RegistrationForm(name: ""),
            RegistrationForm(name: "ab"),
            RegistrationForm(name: "a", phone: "b"),
            RegistrationForm(name: "b", phone: "a"),
            RegistrationForm(phone: "ab"),
            RegistrationForm(hasNoPhone: true),
            RegistrationForm(contactPhone: "ab"),
            RegistrationForm(birthDate: "ab"),
            RegistrationForm(keyGroups: [""]),
            RegistrationForm(keyGroups: ["", ""]),
            RegistrationForm(keyGroups: ["ab"]),
            RegistrationForm(keyGroups: ["a", "b"]),
            RegistrationForm(keyGroupConsent: true),
            RegistrationForm(noticeVersion: "ab"),
            RegistrationForm(proxyName: "ab"),
            RegistrationForm(proxyRelation: "ab"),
            RegistrationForm(proxyPhone: "ab"),
            RegistrationForm(wishes: Wishes(occupations: ["ab"])),
            RegistrationForm(wishes: Wishes(lowestPayYuanMonth: 0)),
            RegistrationForm(wishes: Wishes(places: ["ab"])),
            RegistrationForm(wishes: Wishes(home: "ab")),
            RegistrationForm(wishes: Wishes(workForms: [.fullTime])),
            RegistrationForm(wishes: Wishes(workForms: [.fullTime, .byTheDay])),
            RegistrationForm(wishes: Wishes(board: true)),
            RegistrationForm(wishes: Wishes(nightShifts: true)),
            RegistrationForm(wishes: Wishes(nightShifts: false)),
            RegistrationForm(wishes: Wishes(skills: ["ab"])),
            RegistrationForm(wishes: Wishes(travel: true)),
            RegistrationForm(language: "ab"),
            // Equal for String, not the same bytes: é in one and in two code points.
            RegistrationForm(name: "\u{E9}"),
            RegistrationForm(name: "e\u{301}"),
        ]
        #expect(Set(forms.map(CanonicalForm.bytes(of:))).count == forms.count)
        for form in forms { #expect(CanonicalForm.bytes(of: form) == CanonicalForm.bytes(of: form)) }
    }

    /// Pinned: fingerprints of open forms live on the disk across an update. Forms without the wishes of version 2 are
    /// those of version 1.
    @Test func bytesAreFixed() {
        let bytes = CanonicalForm.bytes(of: RegistrationForm(name: "张", hasNoPhone: true, keyGroups: ["a"]))
        #expect(
            bytes == [
                1, 0, 0, 1, 0, 0, 0, 3, 0xE5, 0xBC, 0xA0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0x61, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ])
    }

    @Test func bytesOfVersion2AreFixed() {
        let wishes = Wishes(home: "a", workForms: [.byTheDay], nightShifts: false, skills: ["b"], travel: true)
        let bytes = CanonicalForm.bytes(of: RegistrationForm(wishes: wishes))
        #expect(bytes.first == 2)
        let additions: [UInt8] = [
            1, 0, 0, 0, 1, 0x61, 0, 0, 0, 1, 1, 0, 0, 0, 8, 0x62, 0x79, 0x54, 0x68, 0x65, 0x44, 0x61, 0x79, 0, 1, 0, 0,
            0,
            1, 0x30, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0x62, 1,
        ]
        #expect(bytes.suffix(additions.count) == additions[...])
        #expect(CanonicalForm.bytes(of: wishes) != CanonicalForm.bytes(of: Wishes()))
    }
}
