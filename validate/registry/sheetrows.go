package registry

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// maxWorkbook is the greatest size of a workbook in bytes. It is read into memory.
const maxWorkbook = 128 << 20

// sheetRows reads the rows of a workbook's first sheet that is not empty.
type sheetRows struct {
	file string
	pull func() (grid.Row, error, bool)
	stop func()
	row  []string
}

func newSheetRows(r io.Reader, file string) (*sheetRows, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxWorkbook+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxWorkbook {
		return nil, &FileError{File: file, Reason: fmt.Sprintf("un classeur de plus de %d Mo.", maxWorkbook>>20)}
	}
	s := &sheetRows{file: file}
	s.pull, s.stop = iter.Pull2(grid.Rows(data, grid.RowLimits()))
	return s, nil
}

func (s *sheetRows) next() (row []string, line int, err error) {
	r, err, ok := s.pull()
	var refused *grid.Refusal
	switch {
	case !ok:
		return nil, 0, io.EOF
	case errors.As(err, &refused):
		return nil, 0, &FileError{File: s.file, Reason: workbookReason(refused.Finding())}
	case err != nil:
		return nil, 0, err
	}
	s.row = s.row[:0]
	for _, cell := range r.Cells {
		s.row = append(s.row, cellText(cell))
	}
	return s.row, r.Number, nil
}

func (s *sheetRows) close() { s.stop() }

// workbookReason returns in French why a workbook cannot be read.
func workbookReason(f order.Finding) string {
	if name, ok := strings.CutPrefix(string(f.Code), "form.limit."); ok {
		return fmt.Sprintf("le classeur dépasse une limite (%s : %s au plus)"+saveAsCSV, name, f.Args["limit"])
	}
	switch f.Code {
	case "form.unreadable.zip":
		return "c’est une archive zip sans classeur."
	case "form.unreadable.encrypted":
		return "le classeur est protégé par un mot de passe."
	case "form.unreadable.xlsb", "form.unreadable.ods", "form.unreadable.document":
		return "c’est un document d’un autre format que .xlsx, que l’import ne lit pas" + saveAsCSV
	case "form.unreadable.timeout":
		return "le classeur est trop long à lire" + saveAsCSV
	default:
		return "le classeur Excel est abîmé ou incomplet" + saveAsCSV
	}
}

// cellText returns the text that a cell would have in a CSV file: a number in plain
// digits, rounded to the fifteen that Excel keeps, and "" for an error such as #N/A.
func cellText(cell order.Cell) string {
	switch cell.Kind {
	case order.KindError:
		return ""
	case order.KindNumber:
		v, err := strconv.ParseFloat(cell.Text, 64)
		if err != nil || math.Abs(v) >= 1e15 {
			return cell.Text
		}
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'e', 14, 64), 64)
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return cell.Text
	}
}
