// Codes out of a camera or out of pictures, for any page:
//
//     const camera = await openCamera(video, (scan) => show(scan), { device: 'gate 3', onEnd: (problem) => say(problem.kind) });
//     camera.close();
//
//     const { scans } = await readPicture(file);
//
// A scan has the fields of the scans that other devices deliver: raw (hexadecimal), text, symbology,
// symbology_identifier, gs1, device, captured_at (microseconds since 1970, UTC), sequence, quad, engine, step,
// confidence. Nothing leaves the browser.
//
// What goes wrong is a `CameraError` whose `kind` says what: insecure, unsupported, refused, missing, busy, ended, reader,
// no_picture, large. The page that uses this needs `'wasm-unsafe-eval'` in its policy.

import { Agreement } from './scans.js';

export { codeText } from './scans.js';

const MOST_PATIENCE = 20_000; // milliseconds for one picture, loading the reader included
const QUIET = 2000; // milliseconds
/** Pixels of a picture, as where the server reads them. */
export const MOST_PIXELS = 64_000_000;
const LONGEST_SIDE = 4096; // pixels; larger pictures are made smaller

export class CameraError extends Error {
	constructor(kind, cause) {
		super(`${kind}: ${cause ?? ''}`, { cause });
		this.kind = kind;
	}
}

/** Reads one picture at a time in a worker. */
class Reader {
	#worker = null;
	#waiting = null;
	#last = Promise.resolve();

	/** Read a bitmap, which is used up; calls stand in a line. */
	read(bitmap, isFrame) {
		const turn = this.#last.then(() => this.#ask(bitmap, isFrame));
		this.#last = turn.catch(() => {});
		return turn;
	}

	close() {
		this.#worker?.terminate();
		this.#worker = null;
		this.#waiting?.(new CameraError('ended', 'closed'));
	}

	#ask(bitmap, isFrame) {
		return new Promise((resolve, reject) => {
			const fail = (cause) => this.#done(() => reject(cause instanceof CameraError ? cause : new CameraError('reader', cause)), true);
			const timer = setTimeout(() => fail('no answer'), MOST_PATIENCE);
			this.#waiting = (problem) => {
				clearTimeout(timer);
				if (problem) {
					reject(problem);
				}
			};
			this.#worker ??= new Worker(new URL('./camera-worker.js', import.meta.url), { type: 'module' });
			this.#worker.onerror = (event) => fail(event.message);
			this.#worker.onmessage = ({ data }) => (data.problem ? fail(data.problem) : this.#done(() => resolve(data.readings)));
			this.#worker.postMessage({ bitmap, isFrame }, [bitmap]);
		});
	}

	/** End a turn; after a failure the worker is thrown away, for its memory may be in disorder. */
	#done(settle, failed = false) {
		this.#waiting?.();
		this.#waiting = null;
		if (failed) {
			this.#worker?.terminate();
			this.#worker = null;
		}
		settle();
	}
}

function supported() {
	return typeof OffscreenCanvas === 'function' && typeof createImageBitmap === 'function' && typeof WebAssembly === 'object';
}

/** Say why there can be no camera, before anybody is asked for it; null where there may be one. */
export function whyNoCamera() {
	if (!supported()) {
		return new CameraError('unsupported');
	}
	if (!globalThis.isSecureContext) {
		return new CameraError('insecure');
	}
	return navigator.mediaDevices?.getUserMedia === undefined ? new CameraError('unsupported') : null;
}

function kindOf(error) {
	if (error.name === 'NotAllowedError' || error.name === 'SecurityError') {
		return 'refused';
	}
	return error.name === 'NotFoundError' || error.name === 'OverconstrainedError' ? 'missing' : 'busy';
}

async function openStream() {
	// Wishes, not conditions: a computer's only camera looks at the user.
	const wishes = { facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1080 } };
	try {
		return await navigator.mediaDevices.getUserMedia({ audio: false, video: wishes });
	} catch (error) {
		throw new CameraError(kindOf(error), error);
	}
}

function nextFrame(video) {
	return new Promise((resolve) => {
		if (video.requestVideoFrameCallback) {
			video.requestVideoFrameCallback(resolve);
		} else {
			requestAnimationFrame(resolve);
		}
	});
}

function microseconds() {
	return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/**
 * Open the camera, preferably the one that looks away from its user, and tell each code once while it stays in sight.
 *
 * While a frame is read the others are skipped: what is read next is the newest.
 *
 * @param {HTMLVideoElement} video Shows what the camera sees.
 * @param {(scan: object) => void} onScan Takes each scan.
 * @param {object} [options] `device`: its name in scans; `quiet`: milliseconds that a code must have been out of sight
 *   before it is told again; `onEnd`: takes the `CameraError` when the camera is unplugged or reading fails.
 * @returns {Promise<{hasLight: boolean, setLight: (on: boolean) => Promise<void>, close: () => void}>}
 * @throws {CameraError}
 */
export async function openCamera(video, onScan, { device = 'browser', quiet = QUIET, onEnd = () => {} } = {}) {
	const problem = whyNoCamera();
	if (problem !== null) {
		throw problem;
	}
	const stream = await openStream();
	const [track] = stream.getVideoTracks();
	const reader = new Reader();
	const agreement = new Agreement(quiet);
	let open = true;
	let sequence = 0;

	function close() {
		open = false;
		track.onended = null;
		track.stop();
		reader.close();
		video.srcObject = null;
	}

	function end(error) {
		if (open) {
			close();
			onEnd(error);
		}
	}

	async function readFrames() {
		while (open) {
			await nextFrame(video);
			if (open && video.videoWidth > 0) {
				const captured = microseconds();
				const readings = await reader.read(await createImageBitmap(video), true);
				for (const reading of agreement.take(readings, captured / 1000)) {
					onScan({ ...reading, device, captured_at: captured, sequence });
					sequence += 1;
				}
			}
		}
	}

	track.onended = () => end(new CameraError('ended'));
	video.srcObject = stream;
	try {
		await video.play();
	} catch (error) {
		close();
		throw new CameraError('busy', error);
	}
	readFrames().catch((error) => end(error instanceof CameraError ? error : new CameraError('reader', error)));
	return {
		hasLight: track.getCapabilities?.().torch === true,
		setLight: (on) => track.applyConstraints({ advanced: [{ torch: on }] }),
		close,
	};
}

/** The picture in a file, not larger than what is read; its size is known before it is unpacked. */
async function bitmapOf(file) {
	const picture = new Image();
	picture.src = URL.createObjectURL(file);
	try {
		await new Promise((resolve, reject) => {
			picture.onload = resolve;
			picture.onerror = reject;
		});
		const { naturalWidth: width, naturalHeight: height } = picture;
		if (width * height > MOST_PIXELS) {
			throw new CameraError('large');
		}
		const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
		const size = { resizeWidth: Math.round(width * scale) || 1, resizeHeight: Math.round(height * scale) || 1 };
		return await createImageBitmap(picture, { ...size, resizeQuality: 'medium' });
	} catch (error) {
		throw error instanceof CameraError ? error : new CameraError('no_picture', error);
	} finally {
		URL.revokeObjectURL(picture.src);
	}
}

let pictures = null;

/**
 * Read all codes in a picture that somebody chose.
 *
 * @param {File} file
 * @param {object} [options] `sequence`: number of the first scan.
 * @returns {Promise<object[]>} The scans; their device is the file's name.
 * @throws {CameraError}
 */
export async function readPicture(file, { sequence = 0 } = {}) {
	if (!supported()) {
		throw new CameraError('unsupported');
	}
	pictures ??= new Reader();
	const captured = microseconds();
	const readings = await pictures.read(await bitmapOf(file), false);
	return readings.map((one, at) => ({ ...one, device: file.name, captured_at: captured, sequence: sequence + at }));
}
