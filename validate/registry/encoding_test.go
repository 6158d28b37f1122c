package registry

import (
	"bytes"
	"compress/gzip"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

func TestEncodeDecode(t *testing.T) {
	day := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	roundTrip(t, []order.School{
		{
			UAI: mustUAI(t, "0750647W"), Name: "Lycée « Turgot » <&>", Opened: day,
			SIRET: mustSIRET(t, "19750647000018"), Nature: 306, Pupils: 900,
		},
		{UAI: mustUAI(t, "0932030B"), Closed: day},
	})
	roundTrip(t, []order.Title{{EAN: mustEAN(t, "3133091195199"), Name: "T", Physical: true, Offers: []order.Offer{
		{
			Reference: "r", EAN: mustEAN(t, "9782091194264"), Duration: "1 an", Adopter: true, Minimum: 20, Price: 740,
			VAT: order.SingleVAT(55), From: day, Until: day,
		}, {},
	}}})
	roundTrip(t, []order.Account{{Number: "01002001", Name: "L", Emails: []string{"a@x.fr"}, Inactive: true}})
	roundTrip(t, []order.School{})
}

// A register from before VAT had shares is read: the rate was a number.
func TestDecodeOlder(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(`{"register":"catalogue","version":1,"entries":1}
{"ean":"3133091195199","name":"T","offers":[{"reference":"r","ean":"","vat":55},{"reference":"s","ean":""}]}
`))
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	got, err := Decode[order.Title](b.Bytes())
	want := []order.Title{{EAN: mustEAN(t, "3133091195199"), Name: "T", Offers: []order.Offer{
		{Reference: "r", VAT: order.SingleVAT(55)}, {Reference: "s"},
	}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, error %v, want %+v", got, err, want)
	}
}

func roundTrip[E Entry](t *testing.T, entries []E) {
	t.Helper()
	data, err := Encode(entries)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode[E](data)
	if err != nil {
		t.Fatal(err)
	}
	if got == nil || len(got) != len(entries) || len(got) > 0 && !reflect.DeepEqual(got, entries) {
		t.Errorf("decoded: got %+v, want %+v", got, entries)
	}
	again, err := Encode(entries)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, data) {
		t.Error("encoded twice: got other bytes, want the same")
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := Encode([]order.Account{{Number: "1", Name: "L"}})
	if err != nil {
		t.Fatal(err)
	}
	zipped := func(text string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "EOF"},
		{"no gzip", []byte("libraires, en clair"), "gzip"},
		{"truncated", good[:len(good)-4], "unexpected EOF"},
		{"another register", zipped(`{"register":"annuaire","version":1}`), `version 1 of register "annuaire"`},
		{"a later version", zipped(`{"register":"libraires","version":2}`), `version 2 of register "libraires"`},
		{
			"an entry short", zipped(`{"register":"libraires","version":1,"entries":2}` + "\n" + `{"number":"1"}`),
			"1 entries of 2",
		},
		{
			"a broken entry", zipped(`{"register":"libraires","version":1,"entries":1}` + "\n" + `{"number":7}`),
			"entry 1",
		},
	}
	for _, tt := range tests {
		got, err := Decode[order.Account](tt.data)
		if err == nil || !strings.Contains(err.Error(), tt.want) || got != nil {
			t.Errorf("%s: got %v and error %v, want one with %q", tt.name, got, err, tt.want)
		}
	}
}

func TestDiff(t *testing.T) {
	day := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	a, b, c, d := mustUAI(t, "0750647W"), mustUAI(t, "0932030B"), mustUAI(t, "0753268V"), mustUAI(t, "0770930T")
	old := []order.School{
		{UAI: a, Name: "a"},
		{UAI: b, Name: "b"},
		{UAI: c, Name: "c, site 1"},
		{UAI: c, Name: "c, site 2"},
	}
	tests := []struct {
		name                            string
		old, new                        []order.School
		added, changed, closed, removed int
	}{
		{"the same", old, old, 0, 0, 0, 0},
		{"another order", old, []order.School{old[3], old[2], old[1], old[0]}, 0, 0, 0, 0},
		{"the first import", nil, old, 3, 0, 0, 0},
		{"all gone", old, nil, 0, 0, 0, 3},
		{
			"one each", old,
			[]order.School{{UAI: a, Name: "A"}, {UAI: b, Name: "b", Closed: day}, {UAI: d, Name: "d"}},
			1,
			1, 1, 1,
		},
		{
			"one site closed", old,
			[]order.School{old[0], old[1], old[2], {UAI: c, Name: "c, site 2", Closed: day}},
			0, 1,
			0, 0,
		},
		{"both sites closed", old, []order.School{
			old[0], old[1],
			{UAI: c, Name: "c, site 1", Closed: day},
			{UAI: c, Name: "c, site 2", Closed: day},
		}, 0, 0, 1, 0},
		{"a site less", old, old[:3], 0, 1, 0, 0},
		{"added closed", nil, []order.School{{UAI: a, Closed: day}}, 1, 0, 0, 0},
		{"opened again", []order.School{{UAI: a, Closed: day}}, []order.School{{UAI: a}}, 0, 1, 0, 0},
	}
	for _, tt := range tests {
		rep := order.Import{Added: 9, Changed: 9, Closed: 9, Removed: 9, Rows: 7}
		if err := Diff(tt.old, tt.new, &rep); err != nil {
			t.Fatal(err)
		}
		if rep.Added != tt.added || rep.Changed != tt.changed || rep.Closed != tt.closed || rep.Removed != tt.removed ||
			rep.Rows != 7 {
			t.Errorf("%s: got %d added, %d changed, %d closed, %d removed; want %d, %d, %d, %d", tt.name,
				rep.Added, rep.Changed, rep.Closed, rep.Removed, tt.added, tt.changed, tt.closed, tt.removed)
		}
	}
	var rep order.Import
	if err := Diff([]order.Account{{Number: "1"}}, []order.Account{{Number: "1", Emails: []string{"a@x.fr"}}},
		&rep); err != nil || rep.Changed != 1 {
		t.Errorf("accounts: got %d changed, error %v, want 1", rep.Changed, err)
	}
	if err := Diff([]order.Title{{EAN: mustEAN(t, "3133091195199")}}, nil, &rep); err != nil || rep.Removed != 1 ||
		rep.Changed != 0 {
		t.Errorf("titles: got %d removed, %d changed, error %v, want 1 and 0", rep.Removed, rep.Changed, err)
	}
}
