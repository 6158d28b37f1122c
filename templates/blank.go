package templates

import (
	"bytes"
	_ "embed"
)

// BlankName is the file name of the blank order form, as booksellers know it.
const BlankName = "BdC_Interforum_Librairie_CNS.xlsx"

//go:embed BdC_Interforum_Librairie_CNS.xlsx
var blank []byte

// Blank is the blank order form as it is handed out: the workbook that
// form.Blank makes of Form, built once. A test in package sheet/form holds the two
// equal and, with -update, writes this one. The caller owns the copy.
func Blank() []byte { return bytes.Clone(blank) }
