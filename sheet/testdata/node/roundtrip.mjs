// roundtrip opens each workbook with a library and saves it again.
//
//   node roundtrip.mjs sheetjs|exceljs IN OUT

import { readFileSync, writeFileSync } from 'node:fs';

const [library, input, output] = process.argv.slice(2);
const bytes = readFileSync(input);

switch (library) {
  case 'sheetjs': {
    const { default: XLSX } = await import('xlsx');
    const workbook = XLSX.read(bytes, { cellStyles: true });
    writeFileSync(output, XLSX.write(workbook, { type: 'buffer', bookType: 'xlsx', cellStyles: true }));
    break;
  }
  case 'exceljs': {
    const { default: ExcelJS } = await import('exceljs');
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load(bytes);
    writeFileSync(output, Buffer.from(await workbook.xlsx.writeBuffer()));
    break;
  }
  default:
    throw new Error(`unknown library ${library}`);
}
