package validate

import (
	"strings"
	"testing"

	"bdc/order"
)

func TestReadEmail(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeEmail}, []readCase{
		{text: "h.dupont@ac-paris.fr", value: "h.dupont@ac-paris.fr"},
		{text: "\u200bce.0750647W@ac-paris.fr ", value: "ce.0750647W@ac-paris.fr"},
		{text: "o'neil+cns@x.museum", value: "o'neil+cns@x.museum"},
		{text: "contact@librairie-élan.fr", value: "contact@librairie-élan.fr"},
		{text: "mailto:h.dupont@ac-paris.fr", value: "h.dupont@ac-paris.fr", fixed: true},
		{text: "Hélène Dupont <h.dupont@ac-paris.fr>", value: "h.dupont@ac-paris.fr", fixed: true},
		{text: "h.dupont @ ac-paris.fr", value: "h.dupont@ac-paris.fr", fixed: true},
		{text: "h.dupont@ac-paris.fr.", value: "h.dupont@ac-paris.fr", fixed: true},
		{text: "a@x.fr ; b@x.fr", value: "a@x.fr", fixed: true},
		{text: "a@x.fr/b@x.fr", value: "a@x.fr", fixed: true},
		{text: "a@x.fr ou b@x.fr", value: "a@x.fr", fixed: true},
		{text: "jean dupont@x.fr", code: CodeEmail}, // was it jean.dupont, jeandupont?
		{text: "Mme Dupont a@x.fr", code: CodeEmail},
		{text: "dupont@x", code: CodeEmail},
		{text: "dupont.fr", code: CodeEmail},
		{text: "a@b@x.fr", code: CodeEmail},
		{text: "@x.fr", code: CodeEmail},
		{text: "a..b@x.fr", code: CodeEmail},
		{text: ".a@x.fr", code: CodeEmail},
		{text: "é@x.fr", code: CodeEmail},
		{text: "a@-x.fr", code: CodeEmail},
		{text: "a@x.f", code: CodeEmail},
		{text: "a@192.168.1.1", code: CodeEmail},
		{text: "dupont@x,fr", code: CodeEmail},
		{text: strings.Repeat("a", 64) + "@x.fr", value: strings.Repeat("a", 64) + "@x.fr"},
		{text: strings.Repeat("a", 65) + "@x.fr", code: CodeEmail},
		{text: "a@" + strings.Repeat("b", 63) + ".fr", value: "a@" + strings.Repeat("b", 63) + ".fr"},
		{text: "a@" + strings.Repeat("b", 64) + ".fr", code: CodeEmail},
		{text: "a@" + strings.Repeat("bcd.", 64) + "fr", code: CodeEmail},
	})
}
