package order_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

func ExampleParseUAI() {
	u, err := order.ParseUAI("0750647w")
	fmt.Println(u, err)
	_, err = order.ParseUAI("0750647X")
	fmt.Println(errors.Is(err, order.ErrUAIKey))
	// Output:
	// 0750647W <nil>
	// true
}

func TestParseUAI(t *testing.T) {
	tests := []struct {
		name, input, want string
		err               error
	}{
		{"a school", "0750647W", "0750647W", nil},
		{"small letters", "0750647w", "0750647W", nil},
		{"Corsica", "6200001G", "6200001G", nil},
		{"overseas", "9830002K", "9830002K", nil},
		{"another letter", "0750647X", "", order.ErrUAIKey},
		{"two digits swapped", "0750674W", "", order.ErrUAIKey},
		{"a letter that is never a key", "0750647O", "", order.ErrUAIKey},
		{"six digits", "075064W", "", order.ErrUAIFormat},
		{"a space", "0750647 W", "", order.ErrUAIFormat},
		{"a digit for the letter", "07506471", "", order.ErrUAIFormat},
		{"digits of another script", "٠750647W", "", order.ErrUAIFormat},
		{"nothing", "", "", order.ErrUAIFormat},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := order.ParseUAI(test.input)
			if got.String() != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}

// TestUAIKeyCatches: the key catches every single wrong digit and every swap of
// neighbours, which is what a typing error mostly is.
func TestUAIKeyCatches(t *testing.T) {
	const good = "0750647W"
	for i := range 7 {
		for d := '0'; d <= '9'; d++ {
			bad := []byte(good)
			if bad[i] = byte(d); string(bad) != good {
				if _, err := order.ParseUAI(string(bad)); err == nil {
					t.Errorf("%s passes", bad)
				}
			}
		}
		if i < 6 && good[i] != good[i+1] {
			bad := []byte(good)
			bad[i], bad[i+1] = bad[i+1], bad[i]
			if _, err := order.ParseUAI(string(bad)); err == nil {
				t.Errorf("%s passes", bad)
			}
		}
	}
}

func TestParseEAN(t *testing.T) {
	tests := []struct {
		name, input string
		err         error
	}{
		{"a book", "9782090000313", nil},
		{"no ISBN", "3133091001018", nil},
		{"another check digit", "3133091001019", order.ErrEANKey},
		{"twelve digits", "313309100101", order.ErrEANFormat},
		{"hyphens", "978-209000031", order.ErrEANFormat},
		{"nothing", "", order.ErrEANFormat},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := order.ParseEAN(test.input)
			if !errors.Is(err, test.err) || err == nil && got.String() != test.input {
				t.Errorf("got %q, %v; want error %v", got, err, test.err)
			}
		})
	}
}

func FuzzCodes(f *testing.F) {
	for _, s := range []string{"0750647W", "0750647w", "9782090000313", "3133091001018", "", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if u, err := order.ParseUAI(s); err == nil {
			if again, err := order.ParseUAI(u.String()); err != nil || again != u || !strings.EqualFold(u.String(), s) {
				t.Errorf("UAI %q became %q, then %q (%v)", s, u, again, err)
			}
		}
		if e, err := order.ParseEAN(s); err == nil && e.String() != s {
			t.Errorf("EAN %q became %q", s, e)
		}
	})
}

func TestCents(t *testing.T) {
	for c, want := range map[order.Cents]string{
		0: "0,00\u00a0€", 5: "0,05\u00a0€", 1250: "12,50\u00a0€",
		123456789: "1\u202f234\u202f567,89\u00a0€", -100: "-1,00\u00a0€",
	} {
		if got := c.String(); got != want {
			t.Errorf("%d cents: got %q, want %q", int64(c), got, want)
		}
	}
}

// TestYear: a number's year is that of Paris, where midnight comes before UTC's.
func TestYear(t *testing.T) {
	for at, want := range map[string]int{"2026-12-31T22:59:59Z": 2026, "2026-12-31T23:00:00Z": 2027} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := order.Year(when); got != want {
			t.Errorf("%s: got %d, want %d", at, got, want)
		}
	}
}

func TestIdentity(t *testing.T) {
	line := func(ean string, quantity int) order.Line {
		e, err := order.ParseEAN(ean)
		if err != nil {
			t.Fatal(err)
		}
		return order.Line{EAN: e, Quantity: quantity}
	}
	one, two := line("3133091001018", 3), line("3133091002022", 4)
	base := order.Order{
		Account: "1", Reference: "R", Establishment: "Lycée", Postcode: "75003", Lines: []order.Line{one, two},
	}
	same, other := base, base
	same.Lines, same.Reference = []order.Line{two, one}, "r"
	other.Lines = []order.Line{one, line("3133091002022", 5)}
	if base.Identity() != same.Identity() {
		t.Error("the order of the lines, or the case of the reference, makes another order")
	}
	if base.Identity() == other.Identity() || base.ReferenceKey() != other.ReferenceKey() {
		t.Error("another quantity must be another order under the same reference")
	}
}

func TestJudge(t *testing.T) {
	of := func(severities ...order.Severity) (list []order.Finding) {
		for _, s := range severities {
			list = append(list, order.Finding{Severity: s})
		}
		return list
	}
	tests := []struct {
		name     string
		findings []order.Finding
		want     order.Verdict
	}{
		{"nothing", nil, order.Accepted},
		{"mild", of(order.Fixed, order.Warning), order.Accepted},
		{"a doubt", of(order.Warning, order.Hold), order.Held},
		{"a doubt and an error", of(order.Hold, order.Error, order.Fixed), order.Rejected},
	}
	for _, test := range tests {
		if got := order.Judge(test.findings); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestContent(t *testing.T) {
	m := order.Message{From: "a@b", MessageID: "<1>", Parts: []order.Part{{Hash: "x"}}}
	other := m
	other.Parts = []order.Part{{Hash: "y"}}
	if m.Content() == other.Content() || m.Content() == "" {
		t.Error("other attachments must be another content")
	}
	if got := (&order.Message{From: "a@b"}).Content(); got != "" {
		t.Errorf("a mail that nothing tells apart: got %q, want none", got)
	}
}
