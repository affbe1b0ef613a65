#!/usr/bin/env python3
"""Writes openpyxl.xlsx: a sheet as Python's other library writes it (Debian: python3-openpyxl).

Formulas without results, a day where 5-8 was typed, 1904, a hidden row, a cover sheet. Everything is invented.
"""
import datetime
import pathlib

import openpyxl
from openpyxl.styles import Font

book = openpyxl.Workbook()
book.properties.created = book.properties.modified = datetime.datetime(2026, 1, 1)
cover = book.active
cover.title = "填表说明"
cover["A1"] = "请在第二张表里填写"
sheet = book.create_sheet("岗位")
sheet.append(["青禾县用工需求表"])
sheet.merge_cells("A1:F1")
sheet["A1"].font = Font(bold=True, size=16)
sheet.append(["企业名称", "岗位", "需求人数", "月薪（元）", "工作地点", "信用代码"])
sheet.append(["甲厂", "普工", 20, 5000, "青禾县", "91990121MA9006010Y"])
sheet.append([None, "焊工", "若干", "6000-8000", "青禾县", None])
sheet.append([None, "电工", datetime.date(2026, 5, 8), 6000, None, None])
sheet.append([None, "=B3&\"（夜班）\"", 3, 6000, None, None])
sheet.append(["乙厂", "保安", 4, 4500.5, "青禾县", 919901210000000000])
sheet.append([None, "保洁", True, 3500, None, None])
sheet.append(["丙店", "服务员", 5, 0.5, "城东", None])
sheet.append(["丁店", "厨师", 2, 8000, "城东", None])
sheet.merge_cells("A3:A6")
sheet.merge_cells("E3:E6")
sheet.merge_cells("A7:A8")
sheet.row_dimensions[10].hidden = True
sheet.append(["合计", None, "=SUM(C3:C10)"])
book.save(pathlib.Path(__file__).with_name("openpyxl.xlsx"))
