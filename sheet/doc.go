// Package sheet reads the orders out of a file that a stranger has mailed.
//
// Read takes the bytes of the file and returns one order.Draft for each order in
// it. A draft holds the cells as they were typed, each with its sheet and its
// address; whether they are right is judged elsewhere, by package validate.
//
// # What is read
//
// Package grid turns the bytes into grids of cells. If it cannot read the file completely,
// Read returns no draft, and one finding of severity error. A damaged file therefore never
// becomes an order with fewer lines.
//
// # How the orders are found
//
// Our blank form has a header block, with fields such as the school's name, and below it a
// table with the order lines. People change the form before they send it.
//
// A header field is found by the defined name that the blank form gives to its cell. If the
// label beside that cell is the label of another field, the label decides. If the
// defined name is missing, the field is found by its label, anywhere on the sheet.
//
// The order lines are found by the headers of their table. A workbook may hold several
// orders: on several sheets, or one below the other on one sheet.
//
// Orders also come as a table without our form, in one of the layouts that the form's
// definition describes (order.Layout). Such a table may hold the orders of several schools.
// If the layout has no place for something that the form requires, the draft has a finding
// of severity hold: a person must complete the order.
//
// If something can be read in two ways, the draft has such a finding, too. An example is a
// label that stands twice on the sheet, with two values.
//
// # Its neighbours
//
// Package form writes the blank order form and fills it in. Package mark returns the
// sender's workbook with the findings shown in it. Package sheettest is for tests.
package sheet
