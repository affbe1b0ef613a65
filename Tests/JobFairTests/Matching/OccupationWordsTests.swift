// The table of words holds together, and titles are told by it.

import JobFair
import Testing

@Suite struct OccupationWordsTests {
    @Test func everyTileHasALabelWordsAndMutualSiblings() {
        var owner: [String: Occupation] = [:]
        for occupation in Occupation.allCases {
            let words = OccupationWords[occupation]
            #expect((1...6).contains(words.label.count), "\(words.label) stands on a tile")
            #expect(words.words.count >= 5, "\(occupation)")
            for word in words.words {
                #expect(word.unicodeScalars.count >= 2 && word == word.lowercased(), "\(word)")
                #expect(owner.updateValue(occupation, forKey: word) == nil, "\(word) stands under two tiles")
                #expect(OccupationWords.classify(title: word) == occupation, "\(word)")
            }
            for sibling in words.siblings {
                #expect(
                    sibling != occupation && OccupationWords[sibling].siblings.contains(occupation),
                    "\(occupation) \(sibling)")
            }
        }
        #expect(Set(Occupation.allCases.map { OccupationWords[$0].label }).count == 30)
    }

    @Test(
        arguments: [
            ("普工", .generalWorker), ("CNC操作工", .machineOperator), ("ＣＮＣ　操作工", .machineOperator),
            ("缝纫工（平车、包缝）", .sewing), ("缝纫车间普工", .generalWorker), ("设备维修学徒", .apprentice), ("叉车司机", .forklift),
            ("货车司机（B2）", .driver), ("仓库保安", .guardian), ("食堂保洁阿姨", .cleaner), ("质量检验员", .inspector),
            ("绿化养护工", .farmer), ("养老护理员", .caregiver), ("住家保姆、育婴员（可培训）", .housekeeper), ("客房服务员", .cleaner),
            ("餐厅服务员", .waiter), ("（急招）电工", .electrician), ("(日结)", .dayLabour), ("生产操作员", .generalWorker),
            ("焊接车间操作工", .generalWorker), ("水电工", .electrician), ("送水工", .courier), ("架子工", .builder),
            ("前台收银员", .shopAssistant),
            ("精酿师", nil), ("", nil), ("（）", nil), ("工", nil),
        ] as [(String, Occupation?)])
    func titles(title: String, occupation: Occupation?) {
        #expect(OccupationWords.classify(title: title) == occupation)
    }

    /// A clerk chose the tiles of the sample fair; the import has nothing but the titles.
    @Test func mostTitlesOfTheSampleFairAreTold() throws {
        let vacancies = try SampleFair().vacancies
        var (same, near, none) = (0, 0, 0)
        for vacancy in vacancies {
            let told = OccupationWords.classify(title: vacancy.title)
            guard let told, let chosen = vacancy.occupation else {
                none += 1
                continue
            }
            if told == chosen { same += 1 } else if OccupationWords[chosen].siblings.contains(told) { near += 1 }
        }
        print("tiles of \(vacancies.count) titles: \(same) as the clerk chose, \(near) next to it, \(none) not told")
        #expect(same * 100 >= vacancies.count * 75)
        #expect((same + near + none) * 100 >= vacancies.count * 88)
    }
}
