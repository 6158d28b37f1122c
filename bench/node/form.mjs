// readForm reads an order form with SheetJS, by its defined names.

import XLSX from 'xlsx';

// What is not looked at is not computed: it saves SheetJS a quarter of its time.
const OPTIONS = { cellFormula: false, cellHTML: false, cellText: false };

export function readForm(bytes) {
  const workbook = XLSX.read(bytes, OPTIONS);
  const fields = {};
  const columns = {};
  for (const { Name, Ref } of workbook.Workbook?.Names ?? []) {
    if (!Name.startsWith('bdc_')) continue;
    const id = Name.slice('bdc_'.length);
    const bang = Ref.lastIndexOf('!');
    const sheet = workbook.Sheets[Ref.slice(0, bang).replace(/^'|'$/g, '').replaceAll("''", "'")];
    if (!sheet) continue;
    const range = XLSX.utils.decode_range(Ref.slice(bang + 1).replaceAll('$', ''));
    if (id.startsWith('line_')) {
      columns[id] = { sheet, column: XLSX.utils.encode_col(range.s.c), first: range.s.r + 1, last: range.e.r + 1 };
    } else {
      const value = sheet[XLSX.utils.encode_cell(range.s)]?.v;
      if (value !== undefined && value !== '') fields[id] = String(value).trim();
    }
  }

  const lines = [];
  const { first, last } = columns.line_ean ?? { first: 1, last: 0 };
  for (let row = first; row <= last; row++) {
    const line = {};
    for (const [id, { sheet, column }] of Object.entries(columns)) {
      const value = sheet[column + row]?.v;
      if (value !== undefined && value !== '') line[id] = value;
    }
    if (Object.keys(line).length) lines.push({ row, ...line });
  }
  return { fields, lines };
}
