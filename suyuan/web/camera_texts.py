"""Every sentence of the page with the camera: key, English, Chinese."""

from __future__ import annotations

from typing import Final

__all__ = ["CAMERA_TEXTS"]

CAMERA_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "camera_lead_in": ("Scan with the camera", "用摄像头扫描"),
    "camera_title": ("Scan a code", "扫描编码"),
    "camera_lead": (
        "Hold the code still in front of the camera. What it sees stays in this browser.",
        "请将编码稳定地对准摄像头。画面只在此浏览器中处理。",
    ),
    "camera_view": ("Picture of the camera", "摄像头画面"),
    "camera_start": ("Start camera", "打开摄像头"),
    "camera_stop": ("Stop", "停止"),
    "camera_light": ("Light", "补光"),
    "camera_choose": ("Choose pictures", "选择图片"),
    "camera_found": ("Codes that were read", "已读取的编码"),
    "camera_starting": (
        "Starting the camera … If the browser asks, allow it.",
        "正在打开摄像头……如浏览器询问，请允许使用。",
    ),
    "camera_looking": ("Looking for codes …", "正在查找编码……"),
    "camera_reading": ("Reading the picture …", "正在读取图片……"),
    "camera_stopped": ("The camera is off.", "摄像头已关闭。"),
    "camera_open": ("Look it up", "查询此编码"),
    "camera_single": (
        "Read only once, and a check digit does not exclude a mistake: compare it with the print.",
        "仅读取到一次，校验位不能排除误读：请与印刷的编码核对。",
    ),
    "camera_none_in": ("{name}: no code found.", "{name}：未找到编码。"),
    "camera_no_picture": (
        "{name}: this is not a picture that the browser can open; choose a PNG or JPEG.",
        "{name}：浏览器无法打开此图片；请选择 PNG 或 JPEG 图片。",
    ),
    "camera_large": (
        "{name}: the picture is too large; choose one of at most {limit} million pixels.",
        "{name}：图片过大；请选择不超过 {limit} 百万像素的图片。",
    ),
    "camera_insecure": (
        "A browser opens the camera only for https or localhost: open this page by https. "
        "Pictures can be read here all the same.",
        "浏览器仅允许通过 https 或 localhost 访问的页面使用摄像头：请通过 https 打开此页。"
        "图片仍可在此读取。",
    ),
    "camera_unsupported": (
        "This browser can't read codes; update it, or use another one.",
        "此浏览器无法读取编码；请更新浏览器，或换用其他浏览器。",
    ),
    "camera_refused": (
        "This page may not use the camera: allow it in the browser's settings for this site, then "
        "start again. Pictures can be read all the same.",
        "此页面未获准使用摄像头：请在浏览器的网站设置中允许，然后重新打开摄像头。图片仍可读取。",
    ),
    "camera_missing": (
        "No camera was found: connect one and start again, or choose pictures.",
        "未找到摄像头：请连接摄像头后重试，或选择图片。",
    ),
    "camera_busy": (
        "The camera can't be opened: close other programs that use it, then start again.",
        "无法打开摄像头：请关闭正在使用它的其他程序，然后重试。",
    ),
    "camera_ended": (
        "The camera has gone: it was unplugged or switched off. Connect it and start again.",
        "摄像头已断开：可能被拔出或关闭。请重新连接后再打开。",
    ),
    "camera_reader": (
        "What reads codes could not be loaded: reload the page. If this comes back, tell whoever "
        "runs this service.",
        "无法加载读码模块：请刷新页面。如果问题仍然存在，请告知本服务的运营者。",
    ),
    "camera_unbuilt_title": ("The camera reader is not installed here", "此处未安装摄像头读码模块"),
    "camera_unbuilt_text": (
        "Codes can still be typed, or scanned with another device. Whoever runs this service adds "
        "the reader by installing npm, running “make reader”, and starting the service again.",
        "仍可手工输入编码，或用其他设备扫描。"
        "本服务的运营者安装 npm 并运行“make reader”、再重启服务，即可启用。",
    ),
    "camera_noscript": (
        "The camera needs JavaScript, which is switched off in this browser.",
        "使用摄像头需要 JavaScript，而此浏览器已将其关闭。",
    ),
}
"""The texts; `{name}` is filled in."""
