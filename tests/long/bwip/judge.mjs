// A second opinion on bracketed GS1 strings, by bwip-js: one JSON string a line in, one verdict a line out.
//
// A verdict is {"ok": true}, or {"ok": false, "error": "..."} with the name and the text of bwip-js's own error.
// An error that is not about the GS1 data (no symbol is large enough) says nothing about them: {"ok": null, ...}.
import { createInterface } from 'node:readline';
import bwipjs from 'bwip-js/node';

// Of the symbols with a GS1 message this one holds the longest.
const SYMBOL = 'gs1qrcode';
const ABOUT_DATA = /^bwipp\.(GS1|\w+#\d+: AI \d)/;

function judge(text) {
	try {
		bwipjs.raw({ bcid: SYMBOL, text });
		return { ok: true };
	} catch (error) {
		const message = String(error.message ?? error);
		return { ok: ABOUT_DATA.test(message) ? false : null, error: message };
	}
}

process.stdout.write(JSON.stringify({ version: bwipjs.BWIPJS_VERSION }) + '\n');
for await (const line of createInterface({ input: process.stdin })) {
	process.stdout.write(JSON.stringify(judge(JSON.parse(line))) + '\n');
}
