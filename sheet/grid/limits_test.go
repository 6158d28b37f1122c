package grid

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/order"
	"bdc/sheet/sheettest"
)

// codeOf is the finding that an error comes to, or "".
func codeOf(err error) order.Code {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

func TestLimits(t *testing.T) {
	// Each build makes a workbook in which the limited thing is there n times.
	lim := DefaultLimits()
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i+1)
		}
		return b.String()
	}
	tests := []struct {
		name  string
		limit int
		build func(n int) sheettest.Workbook
	}{
		{"entries", lim.Entries, func(n int) sheettest.Workbook {
			r := sheettest.Workbook{Sheets: []string{sheettest.Rows("")}}
			for i := range n - len(r.Entries()) {
				r.More = append(r.More, sheettest.Entry{Name: fmt.Sprintf("xl/media/%d.png", i), Text: ""})
			}
			return r
		}},
		{"string", lim.String, func(n int) sheettest.Workbook {
			return sheettest.Workbook{
				Sheets:  []string{sheettest.Rows("")},
				Strings: "<si><r><t>é</t></r><r><t>" + strings.Repeat("é", n-1) + "</t></r></si>",
			}
		}},
		{"string", lim.String, func(n int) sheettest.Workbook {
			return sheettest.Workbook{Sheets: []string{sheettest.Rows(`<row><c t="inlineStr"><is><t>` +
				strings.Repeat("é", n) + `</t></is></c></row>`)}}
		}},
		{"string", lim.String, func(n int) sheettest.Workbook {
			return sheettest.Workbook{Sheets: []string{sheettest.Rows(`<row><c t="str"><v>` +
				strings.Repeat("é", n) + `</v></c></row>`)}}
		}},
		{"cells", lim.Cells, func(n int) sheettest.Workbook {
			return sheettest.Workbook{Sheets: []string{
				sheettest.Rows(
					repeat((n-1)/100, `<row r="%d">`+strings.Repeat("<c/>", 100)+"</row>")),
				sheettest.Rows("<row>" + strings.Repeat("<c><v>1</v></c>", (n-1)%100+1) + "</row>"),
			}}
		}},
		{"cells", lim.Cells, func(n int) sheettest.Workbook {
			return sheettest.Workbook{Sheets: []string{sheettest.Rows("")}, Strings: repeat(n, "<si><t>%d</t></si>")}
		}},
		{"rows", lim.Rows, func(n int) sheettest.Workbook {
			return sheettest.Workbook{Sheets: []string{
				sheettest.Rows(repeat(n/2, `<row r="%d"/>`)),
				sheettest.Rows(repeat(n-n/2, `<row r="%d"><c><v>1</v></c></row>`)),
			}}
		}},
		{"rows", lim.Rows, func(n int) sheettest.Workbook {
			return sheettest.Workbook{Sheets: []string{sheettest.Rows(
				fmt.Sprintf(`<row r="%d"><c><v>1</v></c></row>`, n))}}
		}},
		{"columns", lim.Columns, func(n int) sheettest.Workbook {
			return sheettest.Workbook{Sheets: []string{sheettest.Rows(
				fmt.Sprintf(`<row r="1"><c r="%s1"><v>1</v></c></row>`, ColumnName(n)))}}
		}},
		{"width", int(lim.Width), func(n int) sheettest.Workbook {
			return sheettest.Workbook{Sheets: []string{
				sheettest.Rows(
					repeat((n-1)/10_000, `<row r="%[1]d"><c r="NTP%[1]d"/></row>`)),
				sheettest.Rows(fmt.Sprintf(`<row><c r="%s1"/></row>`, ColumnName((n-1)%10_000+1))),
			}}
		}},
		{"merges", lim.Merges, func(n int) sheettest.Workbook {
			return sheettest.Workbook{Sheets: []string{sheettest.Rows("") + "<mergeCells>" +
				repeat(n, `<mergeCell ref="A%[1]d:B%[1]d"/>`) + "</mergeCells>"}}
		}},
		{"text", int(lim.Text), func(n int) sheettest.Workbook {
			const length = 32_000
			full, rest := n/length, n%length
			cells := repeat(full, `<row r="%d"><c t="s"><v>0</v></c></row>`) + `<row><c t="s"><v>1</v></c></row>`
			return sheettest.Workbook{
				Sheets: []string{sheettest.Rows(cells)},
				Strings: "<si><t>" + strings.Repeat("x", length) + "</t></si><si><t>" +
					strings.Repeat("y", rest) + "</t></si>",
			}
		}},
	}
	for _, test := range tests {
		for _, n := range []int{test.limit - 1, test.limit, test.limit + 1} {
			t.Run(fmt.Sprintf("%s/%d", test.name, n), func(t *testing.T) {
				if n < test.limit {
					need.Whole(t)
				}
				lim := lim
				lim.Ratio = 10_000 // has its own test
				_, err := readGrids(test.build(n).Bytes(t), lim)
				if n <= test.limit {
					if err != nil {
						t.Fatalf("got %v, want it read", err)
					}
					return
				}
				var r *Refusal
				want := order.Code("form.limit." + test.name)
				if !errors.As(err, &r) || r.Code != want {
					t.Fatalf("got %v, want %s", err, want)
				}
				if r.Args["limit"] != strconv.Itoa(test.limit) || r.Args["actual"] != strconv.Itoa(n) {
					t.Errorf("got args %v, want limit %d and actual %d", r.Args, test.limit, n)
				}
			})
		}
	}
}

func TestLimitUnzippedAndRatio(t *testing.T) {
	data := sheettest.Workbook{Sheets: []string{sheettest.Rows(
		strings.Repeat(`<row><c><v>1</v></c></row>`, 5_000))}}.Bytes(t)
	p, err := Open(data, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Workbook(); err != nil {
		t.Fatal(err)
	}
	inflated, ratio := p.inflated, (p.inflated+int64(len(data))-1)/int64(len(data))
	tests := []struct {
		name            string
		unzipped, ratio int64
		want            order.Code
	}{
		{"unzipped below", inflated + 1, 10_000, ""},
		{"unzipped at", inflated, 10_000, ""},
		{"unzipped above", inflated - 1, 10_000, "form.limit.unzipped"},
		{"ratio below", inflated, ratio + 1, ""},
		{"ratio at", inflated, ratio, ""},
		{"ratio above", inflated, ratio - 1, "form.limit.ratio"},
	}
	for _, test := range tests {
		lim := DefaultLimits()
		lim.Unzipped, lim.Ratio = test.unzipped, test.ratio
		_, err := readGrids(data, lim)
		if got := codeOf(err); got != test.want {
			t.Errorf("%s: got %q (%v), want %q", test.name, got, err, test.want)
		}
	}
}

// The clock moves on by a second each time it is looked at.
func TestLimitWall(t *testing.T) {
	data := sheettest.Workbook{Sheets: []string{sheettest.Rows("")}}.Bytes(t)
	for _, test := range []struct {
		wall time.Duration
		want order.Code
	}{{time.Hour, ""}, {3 * time.Second, "form.unreadable.timeout"}} {
		now := time.Unix(0, 0)
		lim := DefaultLimits()
		lim.Wall = test.wall
		lim.Now = func() time.Time { now = now.Add(time.Second); return now }
		_, err := readGrids(data, lim)
		if got := codeOf(err); got != test.want {
			t.Errorf("%v: got %q (%v), want %q", test.wall, got, err, test.want)
		}
	}
}
