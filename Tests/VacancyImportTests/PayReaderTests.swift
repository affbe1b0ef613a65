// Pay as employers write it, line by line.

import JobFair
import Testing
import VacancyImport

@Suite struct PayReaderTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var text: String
        var lowest: Double
        var highest: Double
        var unit: Pay.Unit?
        var doubt: PayReading.Doubt?

        init(
            _ text: String, _ lowest: Double = 0, _ highest: Double = 0, _ unit: Pay.Unit? = nil,
            _ doubt: PayReading.Doubt? = nil
        ) {
            (self.text, self.lowest, self.highest, self.unit, self.doubt) = (text, lowest, highest, unit, doubt)
        }

        var testDescription: String { text }
    }

    static let ranges = [
        Sample("5000-7000元/月", 5000, 7000, .month), Sample("6000-9000元/月", 6000, 9000, .month),
        Sample("8001-10000", 8001, 10000, .month), Sample("6000一9000", 6000, 9000, .month),
        Sample("6000—9000", 6000, 9000, .month), Sample("6000——9000", 6000, 9000, .month),
        Sample("6000–9000", 6000, 9000, .month), Sample("6000~9000", 6000, 9000, .month),
        Sample("6000～9000", 6000, 9000, .month), Sample("6000－9000", 6000, 9000, .month),
        Sample("6000至9000元", 6000, 9000, .month), Sample("6000到9000", 6000, 9000, .month),
        Sample("6000元-9000元", 6000, 9000, .month), Sample("6000元/月-9000元/月", 6000, 9000, .month),
        Sample("６０００－９０００元／月", 6000, 9000, .month), Sample("6,000-9,000元/月", 6000, 9000, .month),
        Sample("6，000－9，000", 6000, 9000, .month), Sample("￥6000-￥9000", 6000, 9000, .month),
        Sample("¥6000-9000/月", 6000, 9000, .month), Sample(" 6000 - 9000 元 / 月 ", 6000, 9000, .month),
        Sample("6000 -\n9000", 6000, 9000, .month), Sample("月薪6000-9000", 6000, 9000, .month),
        Sample("综合月薪:6000-9000元", 6000, 9000, .month), Sample("每月6000到9000块", 6000, 9000, .month),
        Sample("6000-9000/月（含加班）", 6000, 9000, .month), Sample("(6000-9000)元/月", 6000, 9000, .month),
        Sample("6000-9000元每月", 6000, 9000, .month), Sample("6000-9000元月", 6000, 9000, .month),
        Sample("6000-9000元/个月", 6000, 9000, .month), Sample("三千到五千", 3000, 5000, .month),
        Sample("六千-八千元/月", 6000, 8000, .month), Sample("五六千", 5000, 6000, .month),
        Sample("一万二至一万五", 12000, 15000, .month), Sample("三千五以上", 3500, 0, .month),
    ]

    static let scaled = [
        Sample("6-8千/月", 6000, 8000, .month), Sample("5-8千", 5000, 8000, .month),
        Sample("6千-1.2万", 6000, 12000, .month),
        Sample("1-1.5万", 10000, 15000, .month), Sample("1-1.5万·13薪", 10000, 15000, .month),
        Sample("1.2-2万/月", 12000, 20000, .month), Sample("8千-1.2万·14薪", 8000, 12000, .month),
        Sample("12-30k·13薪", 12000, 30000, .month), Sample("12K-30K", 12000, 30000, .month),
        Sample("4.5k-6k", 4500, 6000, .month), Sample("1w-1.5w", 10000, 15000, .month),
        Sample("8000-1.2万", 8000, 12000, .month), Sample("15-20万/年", 150_000, 200_000, .year),
        Sample("150-180万/年", 1_500_000, 1_800_000, .year),
        Sample("800-1千/天", 800, 1000, .day),
        Sample("年薪8万", 80_000, 80_000, .year), Sample("8-10万元/年", 80_000, 100_000, .year),
        Sample("8-10千·12-15薪", 8000, 10000, .month), Sample("4千及以下", 0, 4000, .month),
        Sample("30万及以下/年", 0, 300_000, .year), Sample("1万以上/月", 10000, 0, .month),
    ]

    static let open = [
        Sample("12000以上", 12000, 0, .month), Sample("6000元以上", 6000, 0, .month),
        Sample("4500元/月起", 4500, 0, .month), Sample("5000起", 5000, 0, .month), Sample("5000+", 5000, 0, .month),
        Sample("5000+提成", 5000, 0, .month), Sample("5000元/月+提成", 5000, 0, .month),
        Sample("3000-5000+提成", 3000, 5000, .month), Sample("底薪3000+提成", 3000, 0, .month),
        Sample("底薪3000+提成，综合5000-8000元/月", 5000, 8000, .month), Sample("保底4000", 4000, 0, .month),
        Sample("不低于3500元/月", 3500, 0, .month), Sample("最高8000", 0, 8000, .month),
        Sample("8000以内", 0, 8000, .month), Sample("5000元左右", 5000, 5000, .month),
        Sample("约5000元/月", 5000, 5000, .month),
        Sample("5500", 5500, 5500, .month), Sample("5500.0", 5500, 5500, .month),
        Sample("4000元/月起，半年一调", 4000, 0, .month), Sample("试用期4000，转正5000-7000", 5000, 7000, .month),
        Sample("5000-6000，餐补300", 5000, 6000, .month), Sample("4500元/月，全勤奖200元", 4500, 4500, .month),
        Sample("包吃住，月休4天，5000-6000", 5000, 6000, .month), Sample("8小时，4000-5000元", 4000, 5000, .month),
        Sample("五险1金，4500-5500", 4500, 5500, .month),
    ]

    static let otherUnits = [
        Sample("200元/天", 200, 200, .day), Sample("150-200元/天", 150, 200, .day), Sample("日结200", 200, 200, .day),
        Sample("200/天", 200, 200, .day), Sample("160 /天", 160, 160, .day), Sample("200元一天", 200, 200, .day),
        Sample("200一天", 200, 200, .day), Sample("日薪300元", 300, 300, .day), Sample("每天200-260元", 200, 260, .day),
        Sample("220-280元/日", 220, 280, .day), Sample("300元/个工", 300, 300, .day), Sample("200-300（日结）", 200, 300, .day),
        Sample("260元/12小时", 260, 260, .day), Sample("130元/天+提成", 130, 0, .day), Sample("1.2千/天", 1200, 1200, .day),
        Sample("28元/时", 28, 28, .hour), Sample("时薪28元", 28, 28, .hour), Sample("18.5元/小时", 18.5, 18.5, .hour),
        Sample("22-25元/小时", 22, 25, .hour), Sample("28/h", 28, 28, .hour), Sample("每小时20元", 20, 20, .hour),
        Sample("小时工25元", 25, 25, .hour), Sample("0.8元/件", 0.8, 0.8, .piece), Sample("0.05-0.12元/支", 0.05, 0.12, .piece),
        Sample("20-26元/平方米", 20, 26, .piece), Sample("25元/斤鲜叶", 25, 25, .piece), Sample("计件", 0, 0, .piece),
        Sample("计件工资，多劳多得", 0, 0, .piece), Sample("计件，4500-7500元/月", 4500, 7500, .month),
        Sample("计件8000-12000", 8000, 12000, .month), Sample("计件0.5元", 0.5, 0.5, .piece),
        Sample("做一间15元，约5000元/月", 5000, 5000, .month), Sample("25元/小时，月综合6000-7500元", 6000, 7500, .month),
    ]

    static let unread = [
        Sample("面议"), Sample("工资面谈"), Sample("薪资从优"), Sample("-"), Sample(""), Sample("  "), Sample("/"),
        Sample("看情况", 0, 0, nil, .unreadable), Sample("月入过万", 0, 0, nil, .unreadable),
        Sample("加班费20元/小时", 0, 0, nil, .unreadable), Sample("18-45岁", 0, 0, nil, .unreadable),
        Sample("提成3%-5%", 0, 0, nil, .unreadable), Sample("200", 0, 0, nil, .unitMissing),
        Sample("5-8", 0, 0, nil, .unitMissing), Sample("80000", 0, 0, nil, .unitMissing),
        Sample("1500元/周", 0, 0, nil, .unitUnknown), Sample("100元/半天", 0, 0, nil, .unitUnknown),
        Sample("0", 0, 0, nil, .zero), Sample("0元/月", 0, 0, nil, .zero), Sample("0-0", 0, 0, nil, .zero),
        Sample("50元/月", 0, 0, nil, .implausible), Sample("9000000元/月", 0, 0, nil, .implausible),
        Sample("900000000元/月", 0, 0, nil, .implausible), Sample("50000元/小时", 0, 0, nil, .implausible),
        Sample("9000-5000元/月", 5000, 9000, .month, .reversed), Sample("1-1.5", 0, 0, nil, .unitMissing),
    ]

    @Test(arguments: ranges + scaled + open + otherUnits + unread)
    func readsWhatIsWritten(_ sample: Sample) {
        let reading = PayReader().read(sample.text)
        let pay = reading.pay
        #expect(pay.lowestFen == Int((sample.lowest * 100).rounded()), "\(pay)")
        #expect(pay.highestFen == Int((sample.highest * 100).rounded()), "\(pay)")
        #expect(pay.unit == sample.unit)
        #expect(reading.doubt == sample.doubt)
    }

    @Test func textIsKeptAsWritten() {
        #expect(PayReader().read("  5000—7000 元\n（含加班） ").pay.text == "5000—7000 元 （含加班）")
        #expect(PayReader().read("看情况").pay.text == "看情况")
    }

    @Test(arguments: [
        ("月薪（元）", "6000-8500", 6000.0, 8500.0, Pay.Unit.month), ("月薪（元）", "22元/小时", 22, 22, .hour),
        ("月薪（千元）", "6-8", 6000, 8000, .month), ("年薪(万元)", "8-10", 80_000, 100_000, .year),
        ("日薪", "200", 200, 200, .day),
        ("时薪（元/小时）", "25", 25, 25, .hour), ("工资标准（元/天）", "180-220", 180, 220, .day),
        ("月薪(K)", "6-8", 6000, 8000, .month), ("月薪（千元）", "6000-8000", 6000, 8000, .month),
        ("年薪（万）", "150000", 150_000, 150_000, .year),
        ("月薪（元）", "80000", 80_000, 80_000, .month),
    ])
    func columnTitleSaysTheUnit(title: String, text: String, lowest: Double, highest: Double, unit: Pay.Unit) {
        let reading = PayReader(columnTitle: title).read(text)
        #expect(reading.doubt == nil)
        #expect(reading.pay.unit == unit)
        #expect(reading.pay.lowestFen == Int(lowest * 100))
        #expect(reading.pay.highestFen == Int(highest * 100))
    }
}
