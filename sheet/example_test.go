package sheet_test

import (
	"fmt"

	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/templates"
)

func ExampleRead() {
	definition, err := templates.Form()
	if err != nil {
		panic(err)
	}
	data, err := form.Fill(definition, map[string]string{"uai": "0750647W"},
		[]map[string]string{{"line_ean": "9782090000313", "line_quantite": "30"}})
	if err != nil {
		panic(err)
	}
	book := sheet.Read("BdC.xlsx", data, definition, sheet.DefaultLimits())
	for _, d := range book.Drafts {
		fmt.Println(d.Part, d.Fields["uai"].Text, len(d.Lines), "line")
	}
	book = sheet.Read("BdC.xlsx", data[:len(data)/2], definition, sheet.DefaultLimits())
	fmt.Println(len(book.Drafts), book.Findings[0].Code)
	// Output:
	// BdC.xlsx 0750647W 1 line
	// 0 form.unreadable.truncated
}
