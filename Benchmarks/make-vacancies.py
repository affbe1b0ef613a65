#!/usr/bin/python3
"""Writes one invented sheet of vacancies twice, as CSV (UTF-8) and as XLSX: the same bytes every time.

    make-vacancies.py --rows N --to FOLDER [--raise YUAN]

Twelve vacancies an employer, titles, pay in several shapes and texts as bureaus write them, lengths as in the sample
fair. The XLSX has a merged title row, and the employer's cells merged over its vacancies. `--raise` pays more, for an
import that changes every row. Employers, codes (region 99xxxx, which nobody has) and telephones are invented.
"""
import argparse
import csv
import datetime
import os
import random

import xlsxwriter

HEADER = ["单位名称", "统一社会信用代码", "展位号", "岗位名称", "招聘人数", "薪资待遇", "工作地点", "食宿", "五险一金", "工作时间",
          "用工形式", "岗位要求", "联系电话"]
PER_EMPLOYER = 12
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
TITLES = ["普工", "电子装配工", "缝纫工", "电焊工", "电工", "钳工", "数控车床操作工", "质量检验员", "仓库理货员", "叉车司机", "装卸工",
          "货车司机（B2）", "外卖骑手", "保安", "保洁员", "餐厅服务员", "厨师", "住家保姆", "养老护理员", "泥瓦工", "木工", "钢筋工",
          "收银员", "电话客服", "行政文员", "设备维修学徒", "果园采摘工", "车间班长", "包装工", "注塑机操作工"]
PLACES = ["青禾县工业园区", "沧江市沧北区", "沧江市沧南区开发大道 18 号", "柳陂县工业集中区", "明湖市明东区", "临澜市澜港区", "海屏市屏海区"]
BOARD = ["包吃包住", "包住，餐补每天 15 元", "包午餐", "不包吃住", "包吃包住，四人间有空调热水"]
INSURANCE = ["五险", "五险一金", "意外险", "入职当月交五险"]
HOURS = ["白班 8 小时，月休 4 天", "两班倒，每班 10 小时含休息", "三班倒，每班 8 小时", "长白班，单休", "8:00-17:30，月休 6 天"]
FORMS = ["全职", "全职", "全职", "短期", "日结"]
WANTS = ["不限经验，有人带", "熟手优先", "初中以上，肯学", "会用电脑记账优先", "能上夜班，服从安排", "持证上岗"]
SYLLABLES = "禾青启明永固大和盛源华瑞安康顺达泰丰兴隆德信宏远"


def credit_code(number):
    """GB 32100-2015, with right check characters; the organisation's part as in GB 11714-1997."""
    body = f"MA{number:06d}"
    left = 11 - sum(LETTERS.index(letter) * weight for letter, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    code = "91990121" + body + {10: "X", 11: "0"}.get(left, str(left))
    return code + LETTERS[-sum(LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(code)) % 31]


def pay(chance, more):
    low = chance.randrange(38, 80) * 100 + more
    high = low + chance.randrange(5, 30) * 100
    return chance.choice([f"{low}-{high}元/月", f"{low}一{high}", f"{low / 1000:g}-{high / 1000:g}千", f"{low}元以上",
                          f"{low // 200}元/小时", f"{low // 26}元/天", f"{low}-{high}元/月+提成", "面议"])


def rows(count, more):
    chance = random.Random(20260214)
    for number in range(count):
        employer, place = divmod(number, PER_EMPLOYER)
        name = "".join(SYLLABLES[employer // 22 ** power % 22] for power in range(3))
        booth = f"{'ABCDEFGH'[employer % 8]}{employer // 8 + 1:03d}"
        yield [f"{name}第{employer + 1}有限公司", credit_code(employer), booth,
               TITLES[(employer * 7 + place) % len(TITLES)],
               chance.choice(["若干", *[str(chance.randrange(1, 120)) for _ in range(9)]]), pay(chance, more),
               chance.choice(PLACES), chance.choice(BOARD), chance.choice(INSURANCE), chance.choice(HOURS),
               chance.choice(FORMS), chance.choice(WANTS), f"1990{employer:07d}"]


def write_workbook(path, lines):
    book = xlsxwriter.Workbook(path, {"constant_memory": False})
    book.set_properties({"created": datetime.datetime(2026, 2, 14)})
    sheet = book.add_worksheet("岗位汇总表")
    sheet.merge_range(0, 0, 0, len(HEADER) - 1, "青禾县专场招聘会岗位汇总表")
    sheet.write_row(1, 0, HEADER)
    for first in range(0, len(lines), PER_EMPLOYER):
        group = lines[first:first + PER_EMPLOYER]
        for offset, line in enumerate(group):
            row = 2 + first + offset
            for column, cell in enumerate(line):
                if column >= 3:
                    sheet.write(row, column, int(cell) if column == 4 and cell.isdigit() else cell)
                elif len(group) == 1:
                    sheet.write(row, column, cell)
                elif offset == 0:
                    sheet.merge_range(row, column, row + len(group) - 1, column, cell)
    book.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--raise", dest="more", type=int, default=0)
    options = parser.parse_args()
    os.makedirs(options.to, exist_ok=True)
    lines = list(rows(options.rows, options.more))
    with open(os.path.join(options.to, "vacancies.csv"), "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *lines])
    write_workbook(os.path.join(options.to, "vacancies.xlsx"), lines)


if __name__ == "__main__":
    main()
