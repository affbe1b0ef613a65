// A bureau's sheet as text, read as the desk reads it.

import HeadquartersCore
import JobFair
import TestSupport
import VacancyImport

/// One CSV with the columns that the tests need; every value is invented.
struct SheetText {
    struct Line {
        var employer = "青禾县大山食品厂"
        var code = ""
        var booth = "C01"
        var title = "包装工"
        var headcount = "20"
        var pay = "5000-6000元/月"
        var place = "青禾县食品园"
        var requirements = ""
    }

    var lines: [Line]

    var text: String {
        "单位名称,统一社会信用代码,展位号,岗位名称,招聘人数,薪资待遇,工作地点,任职要求\n"
            + lines.map { line in
                [
                    line.employer, line.code, line.booth, line.title, line.headcount, line.pay, line.place,
                    line.requirements,
                ].joined(separator: ",")
            }.joined(separator: "\n") + "\n"
    }

    func batch(regions: [Region] = []) throws -> ImportBatch {
        let reading = try VacancyReader(regions: RegionFinder(regions)).read(Array(text.utf8))
        return ImportBatch(reading, regions: regions)
    }
}
