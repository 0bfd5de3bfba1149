// Reads codes in a thread of its own, so that the page stays fluid: one picture in, its readings out.
//
// A frame of a camera is read fast; of those in which that finds nothing, every second one thoroughly, so that a slow
// telephone still looks at several frames a second. A chosen picture is read thoroughly; symbols that only a check digit
// guards are read again at other sizes, and count as agreed when one of these says the same.

import { prepareZXingModule, readBarcodes } from './zxing-wasm/es/reader/index.js';
import { FORMATS, asReading, isStrong, keyOf, withoutDoubtfulUpcE } from './scans.js';

const THOROUGH = { formats: FORMATS, textMode: 'Plain', maxNumberOfSymbols: 64 };
// Looking for the others in noise takes five times as long as for all of these.
const COMMON = FORMATS.filter((name) => !/PDF417|MaxiCode|MicroQR|RMQR/.test(name));
const FAST = { ...THOROUGH, formats: COMMON, tryHarder: false, tryInvert: false, tryDownscale: false };
const OTHER_SIZES = [0.75, 1.3];
const LONGEST_SIDE = 4096; // pixels

const ready = prepareZXingModule({
	overrides: { locateFile: (name) => new URL(`./zxing-wasm/reader/${name}`, import.meta.url).href },
	fireImmediately: true,
});
const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext('2d', { willReadFrequently: true });
let missed = 0; // frames since the last one with a code

/** The pixels of a picture, on white paper where it is transparent. */
function pixels(bitmap, scale = 1) {
	canvas.width = Math.max(1, Math.round(bitmap.width * scale));
	canvas.height = Math.max(1, Math.round(bitmap.height * scale));
	context.fillStyle = '#fff';
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
	return context.getImageData(0, 0, canvas.width, canvas.height);
}

async function read(image, options, step) {
	const results = await readBarcodes(image, options);
	return withoutDoubtfulUpcE(results.filter((one) => one.isValid).map((one) => asReading(one, step)));
}

async function readFrame(bitmap) {
	const image = pixels(bitmap);
	const found = await read(image, FAST, 'fast');
	missed = found.length > 0 ? 0 : missed + 1;
	return missed % 2 === 1 ? read(image, THOROUGH, 'default') : found;
}

async function readPicture(bitmap) {
	const found = await read(pixels(bitmap), THOROUGH, 'default');
	const both = new Set();
	for (const size of OTHER_SIZES) {
		const fits = Math.max(bitmap.width, bitmap.height) * size <= LONGEST_SIDE;
		if (fits && !found.every((one) => isStrong(one) || both.has(keyOf(one)))) {
			const again = await read(pixels(bitmap, size), THOROUGH, 'scaled');
			again.forEach((one) => both.add(keyOf(one)));
		}
	}
	return found.map((one) => {
		const agreed = both.has(keyOf(one)) ? 'agreed' : 'single';
		return { ...one, confidence: isStrong(one) ? 'corrected' : agreed };
	});
}

addEventListener('message', async ({ data: { bitmap, isFrame } }) => {
	try {
		await ready;
		postMessage({ readings: await (isFrame ? readFrame(bitmap) : readPicture(bitmap)) });
	} catch (error) {
		postMessage({ problem: String(error) });
	} finally {
		bitmap.close();
	}
});
