<?php
require __DIR__ . '/vendor/autoload.php';

use Firebase\JWT\JWT;

$secret = getenv('SHOP_SECRET') ?: throw new RuntimeException('SHOP_SECRET is not set');

// who is signed in to your system
$user = ['_id' => '42', 'firstname' => 'Ada', 'lastname' => 'Lovelace', 'email' => 'ada@example.com'];

$token = JWT::encode($user + [
    'sub' => 'userexternal', 'aud' => 'https://tiledesk.com/projects/shop',
    'iat' => time(), 'exp' => time() + 300, 'plan' => 'gold',
], $secret, 'HS256');

echo $token, "\n"; // into the page
