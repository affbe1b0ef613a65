// What vacancies pay, as slip and page show it.

import JobFair
import Testing

@Suite struct SlipContentTests {
    @Test(arguments: [
        (500_000, 700_000, Pay.Unit.month, "", "5000–7000元/月"), (700_000, 500_000, .month, "", "5000–7000元/月"),
        (20_000, 20_000, .day, "", "200元/天"), (2_850, 0, .hour, "", "28.5元/小时起"),
        (0, 8_000_000, .year, "", "80000元/年以内"),
        (125, 125, .piece, "", "1.25元/件"), (105, 105, .piece, "", "1.05元/件"), (0, 0, .month, "", "面议"),
        (0, 0, nil, " ", "面议"), (500_000, 600_000, nil, "", "5000–6000元"), (-1, -1, .month, "", "面议"),
        (500_000, 700_000, .month, "5-8千+提成", "5-8千+提成"), (0, 0, nil, " 面\n谈 ", "面 谈"),
    ])
    func pay(lowest: Int, highest: Int, unit: Pay.Unit?, text: String, expected: String) {
        #expect(PayText.text(of: Pay(lowestFen: lowest, highestFen: highest, unit: unit, text: text)) == expected)
    }
}
