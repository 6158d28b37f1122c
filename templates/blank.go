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
// form.Blank makes of Form, embedded as a file. A test in package sheet/form fails if the
// two differ; with -update it writes the file anew. The caller owns the result.
func Blank() []byte { return bytes.Clone(blank) }
