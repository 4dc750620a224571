"""Workbooks as programs write them: each trait by each producer that can have it.

make FOLDER    writes PRODUCER-TRAIT.xlsx and .ods
rich FILE      a workbook as people keep it: several sheets, formats, widths, a list to choose from
look FILE      prints what is left of that, as JSON
edit FILE      adds a row and a column, as a person does on the next day
"""

import datetime
import json
import sys

import openpyxl
import xlsxwriter
from odf import opendocument, style, table, text
from openpyxl.worksheet.datavalidation import DataValidation

HEADER = ["Common Name", "Subject Alternative Names", "Term", "Comments"]


class Formula:
    def __init__(self, formula, value=None):
        self.formula, self.value = formula, value


def host(trait, n, san="", term=90, comment=""):
    return [f"{trait}-{n}.example.com".replace("_", "-"), san, term, comment]


def tables():
    """By trait: the rows, and what is special about them."""

    def rows(trait, *more):
        return [HEADER, host(trait, 1), *more]

    day = datetime.date(2027, 11, 1)
    return {
        "plain": (rows("plain", host("plain", 2, "a.example.com; b.example.com")), {}),
        "formula_without_value": (
            rows("nv", host("nv", 2, Formula('="alt."&A3'))),
            {"not": ["xlsxwriter"]},
        ),
        # What this producer writes when nobody gives it a value.
        "formula_default": (
            rows("fd", host("fd", 2, Formula('="alt."&A3', 0))),
            {"not": ["openpyxl", "odfpy"]},
        ),
        "formula_with_value": (
            rows("wv", host("wv", 2, Formula('="alt."&A3', "alt.wv-2.example.com"))),
            {"not": ["openpyxl"]},
        ),
        "hidden_row": (rows("hr", host("hr", 2), host("hr", 3)), {"hidden_row": 2}),
        "hidden_sheet": (rows("hs", host("hs", 2)), {"hidden_sheet": True}),
        "title_above": (
            [["Certificates"], ["Domain", "example.com"], []] + rows("ta", host("ta", 2)),
            {},
        ),
        "date_in_names": (rows("dn", host("dn", 2, day)), {}),
        "date_as_name": (rows("da", [day, "", 90, ""]), {}),
        "terms": (
            rows("te", host("te", 2, "", "90.0"), host("te", 3, "", "90 Tage"), host("te", 4, "", 90.0)),
            {},
        ),
        "long_number": (rows("ln", host("ln", 2, "", 90, 1234567890123456789)), {}),
        "several_sans": (
            [["CN", "SAN 1", "SAN 2", "Laufzeit (Tage)"], ["ss-1.example.com", "a.example.com", "b.example.com", 90]],
            {},
        ),
        "merged_down": (rows("md", host("md", 2), ["", "x.example.com", 90, ""]), {"merged": (2, 3)}),
        "merged_header": (
            [["CN", "SAN", "", "Laufzeit"], ["mh-1.example.com", "a.example.com", "b.example.com", 90]],
            {"merged_header": (1, 2)},
        ),
        "names_under_no_header": (
            rows("nh", host("nh", 2) + ["b.example.com"], host("nh", 3) + ["", "", "moved to Berlin"], [""] * 7 + ["a note"]),
            {},
        ),
        "totals": (rows("to", host("to", 2), ["Total", "", "", "2 hosts"]), {}),
        "smart_quotes": (rows("sq", ["\u201csq-2.example.com\u201d", "", 90, ""]), {}),
        "look_alike": (
            [["Common Name", "Subject Alternative Nmaes"], ["la-1.example.com", "a.example.com"]],
            {},
        ),
    }


def with_openpyxl(path, rows, special):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Rechner größer"
    if special.get("hidden_sheet"):
        old = book.create_sheet("Old", 0)
        for row in [HEADER, host("old", 1)]:
            old.append(row)
        old.sheet_state = "hidden"
        book.active = 1
    for row in rows:
        sheet.append([cell.formula if isinstance(cell, Formula) else cell for cell in row])
    if "hidden_row" in special:
        sheet.row_dimensions[special["hidden_row"] + 1].hidden = True
    if "merged" in special:
        first, last = special["merged"]
        sheet.merge_cells(start_row=first + 1, end_row=last + 1, start_column=1, end_column=1)
    if "merged_header" in special:
        first, last = special["merged_header"]
        sheet.merge_cells(start_row=1, end_row=1, start_column=first + 1, end_column=last + 1)
    book.save(path)


def with_xlsxwriter(path, rows, special):
    book = xlsxwriter.Workbook(path)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    if special.get("hidden_sheet"):
        old = book.add_worksheet("Old")
        for at, row in enumerate([HEADER, host("old", 1)]):
            old.write_row(at, 0, row)
        old.hide()
    sheet = book.add_worksheet("Rechner größer")
    sheet.activate()
    if special.get("hidden_sheet"):
        sheet.set_first_sheet()
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, Formula):
                sheet.write_formula(at, column, cell.formula, None, cell.value)
            elif isinstance(cell, datetime.date):
                sheet.write_datetime(at, column, cell, day)
            elif isinstance(cell, str):
                sheet.write_string(at, column, cell)
            else:
                sheet.write_number(at, column, cell)
    if "hidden_row" in special:
        sheet.set_row(special["hidden_row"], None, None, {"hidden": True})
    if "merged" in special:
        first, last = special["merged"]
        sheet.merge_range(first, 0, last, 0, rows[first][0])
    if "merged_header" in special:
        first, last = special["merged_header"]
        sheet.merge_range(0, first, 0, last, rows[0][first])
    book.close()


def with_odfpy(path, rows, special):
    document = opendocument.OpenDocumentSpreadsheet()
    hidden = style.Style(name="hidden", family="table")
    hidden.addElement(style.TableProperties(display="false"))
    document.automaticstyles.addElement(hidden)

    def sheet(name, rows, **more):
        made = table.Table(name=name, **more)
        merged = special.get("merged") if name != "Old" else None
        header = special.get("merged_header")
        for at, row in enumerate(rows):
            shown = "collapse" if special.get("hidden_row") == at and name != "Old" else "visible"
            line = table.TableRow(visibility=shown)
            for column, cell in enumerate(row):
                span = {}
                if merged and column == 0 and at == merged[0]:
                    span = {"numberrowsspanned": merged[1] - merged[0] + 1, "numbercolumnsspanned": 1}
                if header and at == 0 and column == header[0]:
                    span = {"numbercolumnsspanned": header[1] - header[0] + 1, "numberrowsspanned": 1}
                if header and at == 0 and header[0] < column <= header[1]:
                    line.addElement(table.CoveredTableCell())
                    continue
                if merged and column == 0 and merged[0] < at <= merged[1]:
                    line.addElement(table.CoveredTableCell())
                    continue
                line.addElement(odf_cell(cell, span))
            made.addElement(line)
        document.spreadsheet.addElement(made)

    if special.get("hidden_sheet"):
        sheet("Old", [HEADER, host("old", 1)], stylename=hidden)
    sheet("Rechner größer", rows)
    document.save(path)


def odf_cell(cell, span):
    if isinstance(cell, Formula):
        given = {} if cell.value is None else {"valuetype": "string", "stringvalue": cell.value}
        made = table.TableCell(formula="of:" + cell.formula, **given, **span)
        cell = cell.value or ""
    elif isinstance(cell, datetime.date):
        made = table.TableCell(valuetype="date", datevalue=cell.isoformat(), **span)
    elif isinstance(cell, str):
        made = table.TableCell(valuetype="string", **span) if cell else table.TableCell(**span)
    else:
        made = table.TableCell(valuetype="float", value=str(cell), **span)
    if cell != "":
        made.addElement(text.P(text=str(cell)))
    return made


PRODUCERS = {
    "openpyxl": (with_openpyxl, "xlsx"),
    "xlsxwriter": (with_xlsxwriter, "xlsx"),
    "odfpy": (with_odfpy, "ods"),
}


def make(folder):
    for trait, (rows, special) in tables().items():
        for name, (write, ending) in PRODUCERS.items():
            if name not in special.get("not", []):
                write(f"{folder}/{name}-{trait}.{ending}", rows, special)


def rich(path):
    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "Notes"
    notes.append(["Ask Jo before you touch this"])
    sheet = book.create_sheet("Hosts")
    for row in [HEADER, host("rich", 1), host("rich", 2)]:
        sheet.append(row)
    # Under no header, and nobody's but the writer's.
    sheet["G2"] = "beside the table"
    sheet["G30"] = "below the table"
    for row in range(1, 200):
        sheet.cell(row, 1).number_format = "@"
    sheet["A1"].font = openpyxl.styles.Font(bold=True)
    sheet.column_dimensions["A"].width = 41
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = "A1:D3"
    terms = DataValidation(type="list", formula1='"90,199"', allow_blank=True)
    terms.add("C2:C200")
    sheet.add_data_validation(terms)
    book.create_sheet("Deploy log").append(["2026-11-01", "all done"])
    book.save(path)


def look(path):
    book = openpyxl.load_workbook(path)
    sheet = book["Hosts"]
    header = [cell.value for cell in sheet[1]]
    found = {
        "sheets": book.sheetnames,
        "notes": book["Notes"]["A1"].value,
        "log": book["Deploy log"]["B1"].value,
        "width": sheet.column_dimensions["A"].width,
        "format": sheet["A150"].number_format,
        "bold": sheet["A1"].font.bold,
        "frozen": sheet.freeze_panes,
        "filter": sheet.auto_filter.ref,
        "lists": [str(one.sqref) for one in sheet.data_validations.dataValidation],
        "beside": sheet["G2"].value,
        "rows": [
            {name: cell.value for name, cell in zip(header, row) if name}
            for row in sheet.iter_rows(min_row=2)
            if row[0].value
        ],
    }
    print(json.dumps(found))


def edit(path):
    book = openpyxl.load_workbook(path)
    sheet = book["Hosts"]
    last = max(row[0].row for row in sheet.iter_rows() if row[0].value)
    for column, cell in enumerate(host("rich", 3), 1):
        sheet.cell(last + 1, column, cell)
    deployed = sheet.max_column + 1
    sheet.cell(1, deployed, "Deployed")
    sheet.cell(2, deployed, "yes")
    book.save(path)


{"make": make, "rich": rich, "look": look, "edit": edit}[sys.argv[1]](sys.argv[2])
