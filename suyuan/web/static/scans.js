// Readings of zxing-wasm as scans: text without mojibake, the reader's word on GS1, and agreement over frames.
//
// Rules kept, the same as where pictures are read on the server:
//
// * The raw bytes are always kept; FNC1 separators are GS (0x1D) in bytes and text.
// * UTF-8, then the character set that the symbol names, then GB 18030, then the reader's own guess.
// * A symbol that only one check digit guards, or none, counts when two frames agree on it and nothing else was
//   read in its place in between.
// * UPC-E is "found" inside other retail symbols: it counts only where none of them was read.
//
// Symbology identifiers: ISO/IEC 15424; GS1 General Specifications section 5.1.2.

const GS = '\x1d';
const AGREED_WITHIN = 1000; // milliseconds
const MOST_REMEMBERED = 200; // codes; a camera sees a few at a time

const GS1 = new Set([']C1', ']e0', ']e1', ']e2', ']d2', ']d5', ']Q3', ']Q4', ']J1', ']J4', ']z1', ']z4']);
const NAMES = {
	DataBarExp: 'DataBarExpanded',
	DataBarExpStk: 'DataBarExpanded',
	DataBarLtd: 'DataBarLimited',
	RMQRCode: 'rMQRCode',
};
const RETAIL = new Set(['EAN8', 'EAN13', 'UPCA', 'UPCE']);
const WEAK = new Set([...RETAIL, 'ITF', 'Code39', 'Codabar', 'unknown']);
const KNOWN = new Set([
	...RETAIL,
	...['Aztec', 'Codabar', 'Code39', 'Code93', 'Code128', 'DataBar', 'DataBarExpanded', 'DataBarLimited', 'DataMatrix'],
	...['ITF', 'MaxiCode', 'MicroPDF417', 'MicroQRCode', 'PDF417', 'QRCode', 'rMQRCode'],
]);

/** What the reader is asked for. */
export const FORMATS = [
	...['Aztec', 'Codabar', 'Code39', 'Code93', 'Code128', 'DataBar', 'DataBarExp', 'DataBarExpStk', 'DataBarLtd'],
	...['DataMatrix', 'EAN8', 'EAN13', 'ITF', 'MaxiCode', 'MicroPDF417', 'MicroQRCode', 'PDF417', 'QRCode', 'RMQRCode'],
	...['UPCA', 'UPCE'],
];

function symbologyOf(format, family) {
	const names = [format, family].map((name) => NAMES[name] ?? name);
	return names.find((name) => KNOWN.has(name)) ?? 'unknown';
}

function decoded(raw, charset) {
	try {
		return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(raw);
	} catch {
		return null;
	}
}

/** Whether all bytes above 0x7F stand in pairs that GB 2312 knows. */
function inPairs(raw) {
	for (let at = 0; at < raw.length; at += 1) {
		if (raw[at] > 0x7f) {
			at += 1;
			if (raw[at - 1] < 0xa1 || raw[at - 1] > 0xf7 || !(raw[at] >= 0xa1 && raw[at] <= 0xfe)) {
				return false;
			}
		}
	}
	return true;
}

/** Decode a symbol's bytes; `guess` is the reader's own text. */
export function asText(raw, guess, hasEci) {
	const text = hasEci ? guess : decoded(raw, 'utf-8');
	if (text !== null) {
		return text;
	}
	const last = [...guess].reduce((most, one) => Math.max(most, one.codePointAt(0)), 0);
	if (last <= 0x7f || last > 0xff) {
		return guess;
	}
	const impossible = /[\x80-\x9f]/u.test(guess);
	return (impossible || inPairs(raw) ? decoded(raw, 'gb18030') : null) ?? guess;
}

function hex(bytes) {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What a result of zxing-wasm says, in our words; `step` is the step that gave it. */
export function asReading(result, step) {
	const { topLeft, topRight, bottomRight, bottomLeft } = result.position;
	const text = asText(result.bytes, result.text, result.hasECI);
	const identifier = result.symbologyIdentifier;
	return {
		raw: hex(result.bytes),
		text,
		symbology: symbologyOf(result.format, result.symbology),
		symbology_identifier: identifier,
		gs1: GS1.has(identifier) || text.startsWith(GS),
		quad: [topLeft, topRight, bottomRight, bottomLeft].map(({ x, y }) => [Math.round(x), Math.round(y)]),
		engine: 'zxing-wasm',
		step,
	};
}

/** Leave out what is read as UPC-E beside or within another retail symbol, or in two ways. */
export function withoutDoubtfulUpcE(readings) {
	const short = new Set(readings.filter((one) => one.symbology === 'UPCE').map((one) => one.text));
	const others = readings.some((one) => RETAIL.has(one.symbology) && one.symbology !== 'UPCE');
	return others || short.size > 1 ? readings.filter((one) => one.symbology !== 'UPCE') : readings;
}

/** Whether a symbol corrects or checks itself so well that one reading is enough. */
export function isStrong(reading) {
	return !WEAK.has(reading.symbology);
}

export function keyOf(reading) {
	return `${reading.symbology_identifier} ${reading.raw}`;
}

/** The text for a parser of item codes: behind the identifier where that says GS1 or EAN/UPC. */
export function codeText(scan) {
	const identifier = scan.symbology_identifier;
	return GS1.has(identifier) || identifier.startsWith(']E') ? identifier + scan.text : scan.text;
}

function overlap(one, other) {
	const [a, b] = [one, other].map((quad) => {
		const [xs, ys] = [0, 1].map((axis) => quad.map((point) => point[axis]));
		return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
	});
	return a[0] <= b[1] && b[0] <= a[1] && a[2] <= b[3] && b[2] <= a[3];
}

/** Decides which readings of a camera's frames are told: each code once while it stays in sight. */
export class Agreement {
	#seen = new Map(); // key -> { frames, last, told, quad }, least recently seen first
	#quiet;

	/** `quiet`: milliseconds that a code must have been out of sight before it is told again. */
	constructor(quiet) {
		this.#quiet = quiet;
	}

	/** Take the readings of one frame, seen at `now` (milliseconds); give those to tell. */
	take(readings, now) {
		for (const [key, one] of this.#seen) {
			if (now - one.last > (one.told ? this.#quiet : AGREED_WITHIN)) {
				this.#seen.delete(key);
			}
		}
		const told = [];
		for (const reading of readings) {
			const key = keyOf(reading);
			const known = this.#seen.get(key) ?? { frames: 0, told: false };
			this.#seen.delete(key);
			if (!isStrong(reading)) {
				this.#contradict(reading);
			}
			known.frames += 1;
			known.last = now;
			known.quad = reading.quad;
			this.#seen.set(key, known);
			if (!known.told && (isStrong(reading) || known.frames > 1)) {
				known.told = true;
				told.push({ ...reading, confidence: isStrong(reading) ? 'corrected' : 'agreed' });
			}
		}
		while (this.#seen.size > MOST_REMEMBERED) {
			this.#seen.delete(this.#seen.keys().next().value);
		}
		return told;
	}

	/** Begin again with what was read in the place of a reading, for one of both is wrong. */
	#contradict(reading) {
		for (const [key, one] of this.#seen) {
			if (!one.told && overlap(one.quad, reading.quad)) {
				this.#seen.delete(key);
			}
		}
	}
}
