package order

// TaxRates are the rates of VAT, in thousandths, with which a French form may state an amount: none, those
// of books and services, and those of Corsica and overseas.
func TaxRates() [6]int64 { return [...]int64{0, 21, 55, 85, 100, 200} }
