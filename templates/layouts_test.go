package templates

import "testing"

func TestLayoutsRefuseMistakes(t *testing.T) {
	form := newTestForm(t)
	const columns = "column = [{ id = \"line_ean\" }, { id = \"line_quantite\" }]\n"
	if _, err := parseLayouts(form, "[[layout]]\nid = \"a\"\nname = \"x\"\n"+columns); err != nil {
		t.Fatalf("got %v, want no error", err)
	}
	for name, text := range map[string]string{
		"unknown key": "[[layout]]\nid = \"a\"\nname = \"x\"\nheader = true\n" + columns,
		"no name":     "[[layout]]\nid = \"a\"\n" + columns,
		"twice the same": "[[layout]]\nid = \"a\"\nname = \"x\"\n" + columns +
			"[[layout]]\nid = \"a\"\nname = \"x\"\n" + columns,
		"no quantity": "[[layout]]\nid = \"a\"\nname = \"x\"\ncolumn = [{ id = \"line_ean\" }]\n",
		"unknown field": "[[layout]]\nid = \"a\"\nname = \"x\"\n" +
			"column = [{ id = \"line_ean\" }, { id = \"line_quantite\" }, { id = \"colour\" }]\n",
		"unknown with": "[[layout]]\nid = \"a\"\nname = \"x\"\n" +
			"column = [{ id = \"line_ean\" }, { id = \"line_quantite\", with = { uai = \"x\" } }]\n",
		"split by none": "[[layout]]\nid = \"a\"\nname = \"x\"\nsplit = [\"uai\"]\n" + columns,
	} {
		if _, err := parseLayouts(form, text); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
