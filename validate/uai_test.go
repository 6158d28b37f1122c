package validate

import (
	"testing"

	"bdc/order"
)

func TestReadUAI(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeUAI}, []readCase{
		{text: "0750647W", value: "0750647W"},
		{text: " 0750647W\u00a0", value: "0750647W"},
		{text: "0750647w", value: "0750647W", fixed: true},
		{text: "075 0647 W", value: "0750647W", fixed: true},
		{text: "0750647-W", value: "0750647W", fixed: true},
		{text: "RNE 0750647W", value: "0750647W", fixed: true},
		{text: "UAI/RNE : 0750647w", value: "0750647W", fixed: true},
		{text: "U.A.I. 075 0647 W", value: "0750647W", fixed: true},
		{text: "RNE0750647W", value: "0750647W", fixed: true},
		{text: "(0750647W)", value: "0750647W", fixed: true},
		{text: "n°0750647W", value: "0750647W", fixed: true},
		{text: "０７５０６４７Ｗ", value: "0750647W", fixed: true},
		{text: "0750647W - Lycée Turgot", value: "0750647W", fixed: true},
		{text: "Lycée Turgot (0750647W)", value: "0750647W", fixed: true},
		{text: "RNE 0750647A", code: CodeUAIKey},
		{text: "ancien RNE 0750647W", code: CodeUAIFormat},
		{text: "0750647W ?", code: CodeUAIFormat},
		{text: "0750647W ou 0750650Z", code: CodeUAIFormat},
		{text: "0750647W / 0750650Z", code: CodeUAIFormat},
		{text: "pas 0750647W", code: CodeUAIFormat},
		{text: "0750647A", code: CodeUAIKey},
		{text: "0750648W", code: CodeUAIKey},
		{text: "0750647I", code: CodeUAIKey},
		{text: "750647W", code: CodeUAIFormat},
		{text: "00750647W", code: CodeUAIFormat},
		{text: "7506470", kind: order.KindNumber, code: CodeUAIFormat},
		{text: "075O647W", code: CodeUAIFormat},
		{text: "Lycée Turgot", code: CodeUAIFormat},
		{text: "0750647W / 0932030B", code: CodeUAIFormat},
		{text: "0750647w (ex 0932030 b)", code: CodeUAIFormat},
	})
}

func TestUAIKeyNamesTheLetter(t *testing.T) {
	got := normalizeUAI("0750647a")
	if got.args["letter"] != "W" || got.proposal != "0750647W" {
		t.Errorf("got letter %q and proposal %q, want W and 0750647W", got.args["letter"], got.proposal)
	}
}
