package story

// The lists are functions so that nobody can change them.

func firstNames() []string {
	return []string{
		"ada", "alva", "arno", "bea", "bruno", "carla", "cem", "dana", "dario", "edda",
		"elif", "emil", "fenja", "finn", "greta", "hugo", "ida", "ines", "ivo", "jana",
		"jonas", "kaya", "lars", "lena", "lino", "maja", "marek", "mila", "nils", "nora",
		"oskar", "paula", "remo", "rosa", "sami", "selma", "timo", "ugo", "vera", "yusuf",
	}
}

func lastNames() []string {
	return []string{
		"abel", "arendt", "baum", "berger", "castell", "demir", "dorn", "ebner", "falk", "ferro",
		"gruber", "haas", "holm", "iversen", "jansen", "kaiser", "kern", "lang", "lindner", "marti",
		"moreau", "nagel", "novak", "olsen", "peters", "quint", "reich", "rossi", "sand", "schill",
		"sommer", "stark", "thoma", "ulrich", "vogt", "wagner", "weiss", "wirth", "zander", "zeller",
	}
}

func siteFirst() []string {
	return []string{
		"amber", "birch", "cobalt", "delta", "ember", "fjord", "granite", "harbour", "indigo",
		"juniper", "kestrel", "lumen", "meadow", "north", "opal", "prairie", "quarry", "ridge",
	}
}

func siteLast() []string {
	return []string{
		"desk", "works", "post", "times", "cloud", "supply", "travel", "books", "ledger", "parts",
		"maps", "learning", "media", "tools",
	}
}
