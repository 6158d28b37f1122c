package order_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

// fill puts a text that names its place into every text of a value, so that a field that
// nobody thought of shows in the test.
func fill(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("secret:" + path)
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*order.Erased]() {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), path)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{"etablissement_nom", "contact_nom"} {
			if v.Type().Elem().Kind() == reflect.String {
				v.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf("secret:"+path+"."+key))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fill(v.Field(i), path+"."+f.Name)
			}
		}
	case reflect.Int, reflect.Int64, reflect.Uint32, reflect.Uint64:
	}
}

// texts returns the places of the texts that a value still has.
func texts(v reflect.Value, found *[]string) {
	switch v.Kind() {
	case reflect.String:
		if place, ok := strings.CutPrefix(v.String(), "secret:."); ok {
			*found = append(*found, place)
		}
	case reflect.Pointer:
		if !v.IsNil() && v.Type() != reflect.TypeFor[*order.Erased]() {
			texts(v.Elem(), found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(v.Index(i), found)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			texts(v.MapIndex(key), found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				texts(v.Field(i), found)
			}
		}
	}
}

// Only what tells of no person stays: each field that is added is erased until somebody
// adds it here, and to Erase.
func TestEraseKeeps(t *testing.T) {
	key := []string{"Account", "Folder", "Header"}
	lines := []string{"Duration", "Licence", "ListTitle", "Offer", "Publisher", "Title"}
	findings := []string{"Cell", "Code", "Field", "Severity"}
	part := []string{"Hash", "Type"}
	step := []string{"Actor", "Status"}
	under := func(prefix string, names []string) (list []string) {
		for _, n := range names {
			list = append(list, prefix+"."+n)
		}
		return list
	}
	ofOrder := func(prefix string) []string {
		return slices.Concat(
			under(prefix, []string{
				"Account", "Case", "Establishment", "Fields.etablissement_nom", "Number", "Postcode", "Sector",
				"Status", "Town", "Verdict", "Workbook",
			}),
			under(prefix+".Findings", findings), under(prefix+".Lines", lines), under(prefix+".Message", key),
			under(prefix+".Steps", step))
	}
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	var message order.Message
	var o order.Order
	var kase order.Case
	var reply order.Reply
	for _, v := range []any{&message, &o, &kase, &reply} {
		fill(reflect.ValueOf(v).Elem(), "")
	}
	var none order.UAI
	if o.UAI != none {
		t.Fatal("fill made a UAI of a text")
	}
	identity, reference := o.Identity(), o.ReferenceSum()
	for range 2 { // erasing twice is erasing once
		message.Erase(at)
		o.Erase(at)
		kase.Erase(at)
		reply.Erase(at)
	}
	if o.Identity() != identity || o.ReferenceSum() != reference || reference == "" {
		t.Errorf("order: got the identity %q and the reference %q, want them as before", o.Identity(), o.ReferenceSum())
	}
	strip := func(list []string) (names []string) {
		for _, n := range list {
			names = append(names, strings.TrimPrefix(n, "."))
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	for _, tt := range []struct {
		name  string
		value any
		want  []string
	}{
		{"message", message, slices.Concat([]string{"Header"}, under("Key", key), under("Parts", part))},
		{"order", o, strip(ofOrder(""))},
		{"case", kase, slices.Concat(
			[]string{"Account", "Code", "Holder", "Orders", "Reason", "State"},
			[]string{"TakeUp.Folder", "TakeUp.Usual"}, under("TakeUp.Told", []string{"Case", "Kind", "Number"}),
			under("Message", key), under("Acts", []string{"Actor", "Before", "Kind", "Order"}),
			under("Attempts", []string{"Verdict", "Workbook"}), under("Attempts.Message", key),
			under("Attempts.Findings", findings), under("Attempts.Parts", part), ofOrder("Attempts.Order"),
			under("Attempts.Corrections", []string{"Actor", "Field"}),
			under("Attempts.Waivers", []string{"Actor", "Cell", "Code", "Field"}))},
		{"reply", reply, slices.Concat(
			[]string{"Alert.Cause", "Kind", "MessageID", "RateLimit", "Digest.Troubles.Cause"}, under("Message", key),
			under("Results", []string{"Case", "Kind", "Number", "School", "Workbook"}),
			under("Results.Lines", lines), under("Results.Findings", findings),
			under("Digest.Cases", []string{"Name", "School"}), under("Digest.LateRows", []string{"Name", "School"}),
			under("Digest.NearRows", []string{"Name", "School"}))},
	} {
		var got []string
		texts(reflect.ValueOf(tt.value), &got)
		slices.Sort(got)
		if want := strip(tt.want); !slices.Equal(slices.Compact(got), want) {
			t.Errorf("%s: got the texts\n%s\nwant\n%s", tt.name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if fmt.Sprint(reflect.ValueOf(tt.value).FieldByName("Erased").IsNil()) != "false" {
			t.Errorf("%s: does not say that it was erased", tt.name)
		}
	}
}

// Handing a case on, and taking an act back, have words of the program, which stay.
func TestEraseActs(t *testing.T) {
	k := order.Case{Acts: []order.Act{
		{Kind: order.ActNote, Text: "Mme Martin a rappelé"},
		{Kind: order.ActHand, Text: "zoe"},
		{Kind: order.ActUndo, Text: "accept"},
	}}
	k.Erase(time.Now())
	if k.Acts[0].Text != "" || k.Acts[1].Text != "zoe" || k.Acts[2].Text != "accept" {
		t.Errorf("got %+v, want the note without its words, the others as before", k.Acts)
	}
}

func TestEraseEvent(t *testing.T) {
	e := order.Event{
		Seq: 7, Actor: "zoe", Verb: "case.decided", Message: "m", Case: "D-1", Order: "N", Reply: 3, Detail: "d",
	}
	e.Erase()
	if want := (order.Event{Seq: 7, Actor: "zoe", Verb: "case.decided", Case: "D-1", Order: "N", Reply: 3}); e != want {
		t.Errorf("got %+v, want %+v", e, want)
	}
	count := order.Event{Verb: "messages.erased", Detail: "12"}
	count.Erase()
	if count.Detail != "12" {
		t.Error("the line of an erasure lost its count")
	}
}

func TestNames(t *testing.T) {
	const address = "Lou@Example.org"
	for _, tt := range []struct {
		text string
		want bool
	}{
		{"lou@example.org", true},
		{"LOU@EXAMPLE.ORG", true},
		{"Écrivez à lou@example.org.", true},
		{"<lou@example.org>, mailto:lou@example.org?", true},
		{"l’adresse d'lou@example.org", true},
		{"milou@example.org", false},
		{"mi.lou@example.org", false},
		{"zoe+lou@example.org", false},
		{"lou@example.org.uk", false},
		{"lou@example.organic", false},
		{"milou@example.org, lou@example.org", true},
		{"lou@example.org.uk\nlou@example.org\n", true},
		{"milou@example.orglou@example.org", false},
		{"", false},
	} {
		if got := order.Names(tt.text, address); got != tt.want {
			t.Errorf("%q: got %t, want %t", tt.text, got, tt.want)
		}
	}
	if order.Names("anything", "") {
		t.Error("the empty address is named")
	}
}
