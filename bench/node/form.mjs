// readForm reads an order form with SheetJS, by its defined names; mark writes
// its workbook again, with a note at each wrong cell.

import XLSX from 'xlsx';

// What is not looked at is not computed: it saves SheetJS a quarter of its time.
const OPTIONS = { cellFormula: false, cellHTML: false, cellText: false };

export function readForm(bytes) {
  const workbook = XLSX.read(bytes, OPTIONS);
  const fields = {};
  const cells = {}; // of each field: its sheet and address
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
      cells[id] = { sheet, cell: XLSX.utils.encode_cell(range.s) };
      const value = sheet[cells[id].cell]?.v;
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
  const cellOf = (id, row) => (row ? columns[id] && { sheet: columns[id].sheet, cell: columns[id].column + row } : cells[id]);
  return { fields, lines, workbook, cellOf };
}

export function mark({ workbook, cellOf }, findings) {
  for (const { text, id, row } of findings) {
    const at = cellOf(id, row);
    if (!at) continue;
    const cell = (at.sheet[at.cell] ??= { t: 'z' });
    (cell.c ??= []).push({ a: 'CNS', t: text });
    cell.c.hidden = true;
  }
  return XLSX.write(workbook, { type: 'buffer', bookType: 'xlsx', compression: true });
}
