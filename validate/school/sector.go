package school

import (
	"strings"

	"bdc/order"
)

// Sector returns "public" or "privé", as a text such as "Public" or "privé sous
// contrat" says which of the two a school is, or "" where it says neither.
func Sector(text string) string {
	switch folded := order.FoldKey(text); {
	case strings.HasPrefix(folded, "publi"):
		return "public"
	case strings.HasPrefix(folded, "priv"):
		return "privé"
	default:
		return ""
	}
}
